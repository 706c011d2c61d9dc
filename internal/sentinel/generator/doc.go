// Package generator sends the traffic of sentinel streams, at their rates, and keeps account of every trace.
//
//	timeline ──▶ pacer: which traces are due? ──▶ ring of open batches ──▶ sending: retried, bounded ──▶ pipeline
//	                │                                                          │
//	                └──────────── account: attempted = accepted + refused + open ◀┘ ──▶ manifest, once a slot
//
// Each stream has a pacer of its own. A trace's spans go into as many open batches as the stream spreads them over; one batch
// closes each traffic.BatchStep, or earlier when it is large. A closed batch is sent, and sent again with the same content while the pipeline
// answers with errors that are not permanent, until Retry.MaxElapsedTime is over. New content is never built from the old one, which
// a consumer may have changed: it is planned again from the ids.
//
// Nothing waits without bound. A trace that could not be sent within a second of its time, because the process was stopped, is
// too slow, or has too many spans under way, is skipped and told as skipped; slots that were slept through are not mentioned at all.
// What was half way out when the process was stopped still leaves, late, and is told as held.
//
// The wall clock names the slots, and no slot is sent twice in one run: when the clock is set back, the timeline goes on ahead
// of it; when it is set forward, the slots between are left out. A run begins with the first slot that begins after its start.
package generator
