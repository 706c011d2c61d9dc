// Package window turns spans into Snapshots: it puts traces together, asks which queries they match, and sums them up in the
// windows of these queries.
//
//	e, err := window.New(window.Config{Queries: []window.Query{{
//		ID: "checkout", Query: q, Scope: window.Trace, Keys: []string{"http.response.status_code"},
//		Window: 10 * time.Minute, Lateness: 30 * time.Second,
//	}}, Closed: store})
//	e.Start()                     // or call Step yourself: once a second in a service, at will with a Clock of your own
//	err = e.Consume(td)           // from any goroutine; fails only after Shutdown
//	open := e.Open("checkout")    // the windows that are open
//	err = e.AddQuery(q2)          // at run time; RemoveQuery
//	err = e.Shutdown(ctx)         // windows stay open, for Open
//
// Replay does all of that for recorded traces: one query, one window, no clock. ReplaySides does it for two selections of these traces,
// with all attributes that a Discovery has found in them.
//
// # From spans to Snapshots
//
//	span     match every query, read the attributes to group by, encode     consume.go, cache.go, record.go, names.go, text.go
//	trace    buffered encoded, by id, until quiet for Wait                   shard.go, traces.go, seen.go (internal/traceassembly)
//	         decoded, duplicates dropped, structure found                    assembly.go (internal/tracesketch)
//	window   opened and closed by the wall clock                             calendar.go, plan.go, watch.go
//	groups   found or made within limits, summed up                          aggregate.go, aggregate_add.go, group.go,
//	                                                                         wait.go, histogram.go, exemplar.go
//	result   Snapshot                                                        close.go, replay.go
//	sides    two selections of recorded traces, and all their attributes     sides.go, discover.go, values.go
//	engine   goroutine, memory, counts                                       engine.go, step.go, sweep.go, stats.go
//
// # Which window
//
// A trace belongs wholly to the window, and to the time slice, in which its earliest span begins. A window closes Lateness
// after its end; traces that begin in it and are still awaited are taken as they stand. It is Partial if its beginning was
// not seen (the query was added, or the collector started, within it), if the collector was away, or if the clock was set back into
// it. A window in which nothing matched gives a Snapshot too.
//
// Spans that are left out are counted in the coverage of the window that closes next, of every query, because nobody knows
// which queries their traces match: late ones (their window is closed for all queries, or their trace has been aggregated),
// future ones (ahead of the clock by more than the longest Lateness), dropped and invalid ones.
//
// # Which spans
//
// Of spans with one id, one counts; which, does not depend on the order of arrival. The two sides of a call to which Zipkin gives
// one id are two spans. A trace is evaluated to its end under the queries that were there when it began. Its duration, as queries can
// ask for it (trace.duration), is that from the earliest start to the latest end of all its spans that came in time.
//
// # Weights
//
// A span with ot=th weighs its adjusted count, any other 1. A trace weighs, in each group, the least of what its spans there
// state: under consistent sampling, whether a trace shows depends on the span that is kept most often.
//
// # Limits
//
// GroupsPerSnapshot bounds the groups of a Snapshot, of which paths may take a quarter and edges half; ValuesPerKey bounds
// services, operations of a service, paths of an operation, and values of a key. What is over goes to groups with the value
// "(other)". Memory: new groups up to half of it, the rest is for buffered traces, of which the oldest are taken early when it runs out.
package window
