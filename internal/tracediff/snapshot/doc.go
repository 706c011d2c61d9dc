// Package snapshot is what a window of traces looked like: mergeable aggregates of groups, never the spans themselves.
//
//	Snapshot   one query, one window, its coverage and its groups       (snapshot.go)
//	Group      a service, operation, edge, path or attribute value      (group.go)
//	Slice      weighted moments of a group in a part of the window      (slice.go)
//	Histogram  a distribution of durations in logarithmic buckets       (histogram.go)
//	Encode     bytes to store or send; Decode                           (encode.go, decode.go)
//	Merge      one snapshot of what two collectors saw of a window      (merge.go)
//
// It knows neither pdata nor a store. Weights are adjusted counts: a span kept with probability p weighs 1/p.
package snapshot
