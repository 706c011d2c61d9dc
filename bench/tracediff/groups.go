package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// wide makes traces of two spans whose operations, edges, paths and values are so many that a snapshot of them has about a
// number of groups: 2/5 operations, 1/5 edges, 1/5 paths, 1/5 values of ten keys.
type wide struct {
	r       *rand.Rand
	groups  int
	sampled bool
	trace   uint64
}

const wideServices = 50

func (w *wide) batch(traces int, from time.Time, length time.Duration) ptrace.Traces {
	td := ptrace.NewTraces()
	pairs := (w.groups - wideServices - 1) / 5
	slices := make([]ptrace.SpanSlice, wideServices)
	for i := range slices {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprintf("service-%c%c", 'a'+i/26, 'a'+i%26))
		slices[i] = rs.ScopeSpans().AppendEmpty().Spans()
	}
	for range traces {
		w.trace++
		pair := w.r.IntN(pairs)
		start := from.Add(time.Duration(w.r.Int64N(int64(length))))
		duration := time.Duration(float64(50*time.Millisecond) * math.Exp(w.r.NormFloat64()/2))
		var id pcommon.TraceID
		binary.BigEndian.PutUint64(id[:], w.trace*0x9E3779B97F4A7C15)
		binary.BigEndian.PutUint64(id[8:], w.trace)
		for k := range 2 {
			sp := slices[(pair+k)%wideServices].AppendEmpty()
			sp.SetTraceID(id)
			sp.SetSpanID(pcommon.SpanID{7: byte(k + 1)})
			if k > 0 {
				sp.SetParentSpanID(pcommon.SpanID{7: 1})
				duration /= 3
			}
			sp.SetName(letters(pair) + [...]string{".handle", ".query"}[k])
			sp.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
			sp.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(duration)))
			sp.Attributes().PutStr(wideKeys()[pair%10], "value "+letters(pair/10))
			if w.r.IntN(50) == 0 {
				sp.Status().SetCode(ptrace.StatusCodeError)
			}
			if w.sampled {
				sp.TraceState().FromRaw([...]string{"ot=th:8", "ot=th:c"}[w.trace%2])
			}
		}
	}
	return td
}

// letters is a number that does not look like one, so that a name keeps it.
func letters(n int) string {
	p := make([]byte, 0, 8)
	for ; n > 0 || len(p) == 0; n /= 20 {
		p = append(p, "bcdfghjklmnpqrstvwxz"[n%20])
	}
	return string(p)
}

func wideKeys() (keys []string) {
	for i := range 10 {
		keys = append(keys, "key."+letters(i))
	}
	return keys
}

// manyGroups measures the heap that a window with many groups takes when all its traces are aggregated.
func (m measurement) manyGroups() (figures, error) {
	w := &wide{r: rand.New(rand.NewPCG(1, 2)), groups: m.Groups, sampled: m.Sampled}
	const perBatch = 2000 // traces
	batches := m.Spans / 2 / perBatch
	if m.Subject == seeds {
		var a archive
		before := heap()
		for range batches {
			a.consume(w.batch(perBatch, begin, windowLength))
		}
		after := heap()
		runtime.KeepAlive(&a)
		return figures{heapMiB: float64(after-before) / (1 << 20), groupsMade: float64(m.Groups)}, nil
	}
	q, err := query.Parse(`service != "nobody"`)
	if err != nil {
		return nil, err
	}
	now := begin
	before := heap()
	e, err := window.New(window.Config{
		Queries: []window.Query{{ID: "q", Query: q, Keys: wideKeys(), Window: windowLength, Lateness: 30 * time.Second}},
		Wait:    time.Second, Clock: func() time.Time { return now },
	})
	if err != nil {
		return nil, err
	}
	for i := range batches {
		now = begin.Add((windowLength - 10*time.Second) * time.Duration(i) / time.Duration(batches))
		if err := e.Consume(w.batch(perBatch, now, time.Millisecond)); err != nil {
			return nil, err
		}
		e.Step()
	}
	now = now.Add(5 * time.Second)
	e.Step() // no trace is left in the buffer; the window is still open
	after := heap()
	open := e.Open("q")
	if len(open) != 1 || open[0].Coverage.Spans != uint64(2*perBatch*batches) || open[0].Coverage.Overflow > 0 {
		return nil, fmt.Errorf("the open window does not hold all spans: %+v", coverage(open))
	}
	return figures{heapMiB: float64(after-before) / (1 << 20), groupsMade: float64(len(open[0].Groups))}, e.Shutdown(context.Background())
}

func coverage(list []window.Window) (c []snapshot.Coverage) {
	for _, s := range list {
		c = append(c, s.Coverage)
	}
	return c
}

// heap is what is live on the Go heap.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
