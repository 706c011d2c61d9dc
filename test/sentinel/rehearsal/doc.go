// Package rehearsal plays a sentinel, a pipeline that breaks in a known way, and a verifier, in virtual time: what the
// verifier says is compared with what was done.
//
//	source ──▶ batches, manifests ──▶ Fault ──▶ verifier at the pipeline's end
//	 (source.go)                  (faults.go)└▶ store, seen through a lens ──▶ verifier of lookups   (store.go)
//
//	World   the clock, and what happens when           (world.go)
//	Trial   a World with a fault of random onset, and what must be said of every trace   (trial.go)
//	Soak    a long time in which everything but the pipeline is disturbed                (soak.go)
//	Mutate  changes a field of a span                  (mutate.go)
//
// No time passes and nothing runs concurrently, so thousands of trials take minutes.
package rehearsal
