// Package identity makes the ids of sentinel traces, and recognises them, from nothing but a key that both sides know.
//
//	TraceID{Instance, Stream, Slot, Sequence}  --Key.Seal-->      16 bytes  --Key.Open-->      the same, or "not ours"
//	TraceID and the index of a span            --Key.SealSpan-->   8 bytes  --Key.OpenSpan-->  the index, or "not ours"
//	TraceID                                    --Key.Seed-->      where the randomness of the trace's content starts
//	a message                                  --Key.Sign-->      proof that a holder of the key wrote it
//
// A trace id is one block of AES-128, plaintext from the most significant byte:
//
//	| instance 16 | stream 8 | slot 32 | sequence 32 | zero 40 |
//
// It can be inverted by whoever has the key; an id of others has 40 zero bits there once in 2^40. Its bits, the lower 56
// that samplers take their randomness from included, look random to everybody else.
//
// A span id is an index sealed for one trace, as in SIV (Rogaway and Shrimpton, 2006): 40 bits are a tag over trace and
// index, 24 bits the index under a pad made from trace and tag. So a span id copied into another trace is recognised, and
// the index comes back without a search.
//
// Every use has a key of its own, derived from the secret with HKDF-SHA256 (RFC 5869) under a label. A change of anything
// here or of the content (package traffic) that makes old and new sentinels disagree must change the labels: then they do
// not recognise each other, rather than find each other corrupt.
package identity
