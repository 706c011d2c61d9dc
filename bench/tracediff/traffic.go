package main

import (
	"encoding/binary"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/bench/workload"
)

// begin is the start of the window; it is on a boundary of ten minutes.
var begin = time.Unix(1_700_006_400, 0).UTC()

const (
	windowLength = 10 * time.Minute
	// feeders take in batches concurrently, as connections to a receiver do.
	feeders = 2
	// distinct is how many requests a feeder goes round.
	distinct = 40
)

// batch is a request that is sent over and over, each time with identities and times of its own. It stays unmarshalled: what a
// receiver takes is no part of the figures.
type batch struct {
	traces ptrace.Traces
	spans  []ptrace.Span
	starts []int64 // ns after the start of the request
}

func newBatches(seed uint64, sampled bool) (list []*batch, err error) {
	requests, err := workload.NewRequests(seed, distinct)
	if err != nil {
		return nil, err
	}
	for n, q := range requests {
		q.Refresh(seed<<32 + uint64(n))
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(q.Body)
		if err != nil {
			return nil, fmt.Errorf("unmarshal a request of ours: %w", err)
		}
		b := &batch{traces: td}
		first := pcommon.Timestamp(1<<64 - 1)
		for _, rs := range td.ResourceSpans().All() {
			for _, span := range rs.ScopeSpans().At(0).Spans().All() {
				b.spans = append(b.spans, span)
				first = min(first, span.StartTimestamp())
				if sampled {
					span.TraceState().FromRaw("ot=th:e")
				}
			}
		}
		for _, span := range b.spans {
			b.starts = append(b.starts, int64(span.StartTimestamp()-first))
		}
		list = append(list, b)
	}
	return list, nil
}

// refresh gives all traces new ids and lets them begin at a time.
func (b *batch) refresh(salt uint64, at time.Time) {
	salt = salt*0x9E3779B97F4A7C15 | 1
	for i, span := range b.spans {
		id := span.TraceID()
		binary.BigEndian.PutUint64(id[:], binary.BigEndian.Uint64(id[:])^salt)
		binary.BigEndian.PutUint64(id[8:], binary.BigEndian.Uint64(id[8:])+salt)
		span.SetTraceID(id)
		length := span.EndTimestamp() - span.StartTimestamp()
		start := pcommon.Timestamp(at.UnixNano() + b.starts[i])
		span.SetStartTimestamp(start)
		span.SetEndTimestamp(start + length)
	}
}
