package generator

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// maxBatchSpans is the size from which a batch closes before its time.
const maxBatchSpans = 1024

// ring is the open batches of a stream. The spans of a trace go into the next of them in order, as Span.Batch says; the
// head closes each step.
//
//	step     k        k+1       k+2
//	       head ─▶ [        ][        ][        ] ─┐
//	         ▲      batch 0   batch 1   batch 2    │  of a trace that leaves in step k
//	         └─────────────────────────────────────┘
type ring struct {
	batches []*batch
	head    int
	step    int64 // in which the head closes, since the epoch
	spans   int
	close   func(*batch)
}

func newRing(size int, now time.Time, closed func(*batch)) *ring {
	r := &ring{batches: make([]*batch, size), step: stepOf(now), close: closed}
	for i := range r.batches {
		r.batches[i] = newBatch()
	}
	return r
}

func stepOf(t time.Time) int64 { return t.UnixNano() / int64(traffic.BatchStep) }

// add puts the spans of a trace that leaves now into the open batches, and returns in how many.
func (r *ring) add(t *traffic.Trace) int {
	var used [traffic.MaxBatches]bool
	parts := 0
	for i := range t.Spans {
		n := t.Spans[i].Batch
		if !used[n] {
			used[n] = true
			parts++
		}
		r.batches[(r.head+int(n))%len(r.batches)].add(t, i)
	}
	r.spans += len(t.Spans)
	return parts
}

// advance closes the batches whose step is over, and while one is large, the heads up to it.
func (r *ring) advance(now time.Time) {
	for end := stepOf(now); r.step < end; r.step++ {
		if r.spans == 0 {
			r.step = end
			return
		}
		r.rotate()
	}
	for r.large() {
		r.rotate()
	}
}

func (r *ring) large() bool {
	for _, b := range r.batches {
		if b.spans >= maxBatchSpans {
			return true
		}
	}
	return false
}

func (r *ring) rotate() {
	b := r.batches[r.head]
	r.batches[r.head] = newBatch()
	r.head = (r.head + 1) % len(r.batches)
	if b.spans > 0 {
		r.spans -= b.spans
		r.close(b)
	}
}

// flush closes all.
func (r *ring) flush() {
	for r.spans > 0 {
		r.rotate()
	}
}

// next is when the head closes, if there is anything to close.
func (r *ring) next() (time.Time, bool) {
	return time.Unix(0, (r.step+1)*int64(traffic.BatchStep)), r.spans > 0
}
