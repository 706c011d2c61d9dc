// Package tracediff says what changed between windows of traces: it ties the engine to the store, the statistics and the
// alerts.
//
//	Service       all of it, and its goroutines                            (service.go, rhythm.go)
//	definition    what a query may say, and what it means where it is silent (definition.go)
//	baseline      what a window is compared with                           (package baseline, baseline.go)
//	queries       from the configuration and the API, kept in step         (queries.go, catalogue.go)
//	windows       closed and open ones on their way to the store           (windows.go)
//	finish        merge what collectors saw, compare, remember             (finish.go, learned.go)
//	alerts        one for each incident                                    (package incident, alerts.go)
//	history       what people ask for: snapshots, and diffs on demand      (history.go, ondemand.go, side_by_side.go)
//
//	Consume --> window.Engine --closed--> queue --> store: parts --> finish --> store: snapshot, diffs, states, outbox --> alerts
//	                          --open, now and then----^
//
// A window takes the same way whether one collector saw it or several, and whether they live or not: each saves its part,
// first as a checkpoint and at the end for good. When all parts are final, or those that are not belong to collectors that are
// gone, whoever holds the lease of the query finishes the window. That is also how a crash is survived: the checkpoint of the
// process that died and the part of the one that took its place make up the window, which then is partial.
//
// The database may be away: closed windows queue up in memory, within a limit, and go to it when it is back.
package tracediff
