package simulation

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// place is where a group of a snapshot is built.
type place struct {
	group    *snapshot.Group
	duration [512]float32 // histograms under construction, by bucket
	self     [512]float32
	trace    int // that was counted last, from 1
	failed   int // the last that was counted as failed
}

// add adds a span to a group.
func (b *builder) add(p *place, s *span) {
	g := p.group
	if n := len(g.Slices); n == 0 || g.Slices[n-1].Index != b.slice {
		g.Slices = append(g.Slices, snapshot.Slice{Index: b.slice})
	}
	at := &g.Slices[len(g.Slices)-1]
	w := b.weight
	at.Spans++
	at.Weight += w
	if p.trace != b.now {
		p.trace = b.now
		at.Traces++
		at.TraceWeight += w
		at.TraceWeight2 += w * w
	}
	if s.failed {
		at.ErrorSpans++
		at.ErrorWeight += w
		if p.failed != b.now {
			p.failed = b.now
			at.ErrorTraces++
			at.ErrorTrace += w
			at.ErrorTrace2 += w * w
		}
	}
	at.LogDuration += w * s.log
	at.LogDuration2 += w * s.log * s.log
	at.Duration += w * s.total
	at.LogSelf += w * s.logSelf
	p.duration[s.bucket] += float32(w)
	p.self[s.bucketSelf] += float32(w)
}

// waited adds how much longer the caller of the span that was added last waited than that took, ns.
func (p *place) waited(weight, wait float64) {
	at := &p.group.Slices[len(p.group.Slices)-1]
	at.WaitWeight += weight
	at.Wait += weight * wait
	at.LogWait += weight * math.Log(max(wait, snapshot.LeastWait))
}

func histogram(buckets *[512]float32) snapshot.Histogram {
	var h snapshot.Histogram
	for i, w := range buckets {
		if w > 0 {
			h.Buckets = append(h.Buckets, snapshot.Bucket{Index: int16(i - 1), Weight: w})
		}
	}
	return h
}
