// Package verify judges what has become of the traces that a sentinel sent, at the place where it is asked.
//
//	spans, as they arrive ──▶ Verifier.Observe ──▶ span check: every field      (observe.go, compare.go, field.go)
//	                                  │
//	what the generator tells ─▶ Told ─┼──────────▶ ledger: a bit for each span  (ledger.go, source.go, told.go, runs.go, presence.go)
//	                                  │
//	time ──────────────────▶ Advance ─┴──────────▶ a verdict for each trace     (judge.go, verdict.go)
//
//	a backend     ──▶ Lookups: which trace to look for when, and a verdict      (lookups.go)
//	a sampler     ──▶ Sampler: which traces survive, and what it writes         (sampler.go)
//
// What must arrive is a function of key, stream and id (package traffic); nothing of it is stored. What was attempted is
// told by the generator, in manifests, on one of two roads: through the pipeline, or directly (Told). Whoever hears
// nothing knows nothing: a trace that has not arrived, and of which the generator has not said that it was accepted, is
// unknown, not missing.
//
// Time is that of an Instant: the wall clock finds out which slot it is, the monotonic clock measures how long a trace has
// been waited for, and time in which the verifier did not run itself does not count (clock.go). So steps of the wall clock, a stopped
// process and a paused machine make no verdicts.
package verify
