// Package wire holds what goes over the wire: the answers and requests of all routes of the console, what assayctl prints as JSON, and what
// webhooks are sent. Server, command line, reports and alerts share these types; the OpenAPI document, and with it the types of the web UI, is
// made of them.
//
//	problem.go       what every refusal is
//	query.go         queries of trace diff, and their thresholds
//	syntax.go        whether a text is a query
//	snapshot.go      windows, their coverage and groups
//	comparison.go    two windows against each other; a stored diff
//	value.go         a value of a key in two windows
//	change.go        one verdict on one group
//	cause.go         one thing that happened
//	causes.go        what happened over many windows
//	sidebyside.go    what tells two selections of traces apart
//	alert.go         the outbox of alerts, and what webhooks are sent
//	topology.go      the system as a window saw it
//	evolution.go     the same over many windows, and deployments
//	sampling.go      the sampler as a whole, and its map of services
//	samplinghistory.go what was kept over time
//	path.go          execution paths
//	explanation.go   why a trace was kept or not
//	status.go        the sentinel's verdict
//	uptime.go        how it was
//	notices.go       what people say beside it
//	public.go        what everybody may know of it
//
// One style: names in snake_case; times in RFC 3339; durations in seconds, their names ending in _seconds; shares from 0 to 1; ids are strings;
// what is not known is null. Lists are empty, never null. A field whose name can be left out of the JSON is one that does not apply. Conversion
// from the types of a domain stays with the domain; this package imports nothing of ours but small types such as jsonnumber.Number.
//
// Comments on fields become descriptions in the OpenAPI document, so they are written for its readers.
package wire
