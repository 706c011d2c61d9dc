// Package tracesketch turns traces into small, comparable facts: which operation a span is, which execution path a trace
// walked, how much of its time each span spent on its own, and how those durations are usually distributed.
//
//	span  -> Operation   service, normalised name, kind           (operation.go, normalize.go)
//	trace -> Structure   root, missing parents, path, self times  (structure.go)
//	many  -> Sketch      decayed latency distribution             (sketch.go)
//	many  -> Meter       decayed count and rate                   (meter.go)
//
// Nothing here knows pdata or a component; the sampler and the trace diff share it.
package tracesketch
