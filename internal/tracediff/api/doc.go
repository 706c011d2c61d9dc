// Package api is the HTTP interface of trace diff, for the console extension.
//
//	Routes       method, path and handler of each                      (routes.go, about.go)
//	requests     strict JSON, bounded, and all that is wrong at once   (request.go, page.go)
//	answers      errors as {message}                                   (answer.go)
//	queries      /api/queries                                          (queries.go, definition.go, syntax.go)
//	snapshots    /api/snapshots                                        (snapshots.go)
//	diffs        /api/diffs, and as Markdown                           (diffs.go)
//	causes       /api/causes                                           (causes.go)
//	topology     /api/topology, /api/evolution, /api/deployments       (topology.go)
//	tutorial     how the tutorial has queries, snapshots and diffs     (tutorial.go, values.go)
//
// What is answered has the types of package wire. On the routes of the tutorial that trace diff grew from its fields stand beside ours, with
// their names and meaning: camelCase, times in seconds since 1970, latencies in microseconds, and a diff says B minus A.
package api
