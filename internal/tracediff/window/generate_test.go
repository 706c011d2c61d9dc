package window

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// anyTrace is a trace of a few operations, with everything that may be wrong about one: missing and repeated spans, spans
// that are their own parent, ends before starts, thresholds that differ or cannot be read.
func anyTrace(t *rapid.T, number int) []spec {
	start := time.Duration(rapid.IntRange(0, 59_900).Draw(t, "start")) * time.Millisecond
	var spans []spec
	for i := range rapid.IntRange(1, 8).Draw(t, "spans") {
		s := spec{
			trace: number, id: uint64(rapid.IntRange(1, 9).Draw(t, "id")), parent: uint64(rapid.IntRange(0, max(1, i)).Draw(t, "parent")),
			service: rapid.SampledFrom([]string{"shop", "cart", "db"}).Draw(t, "service"),
			version: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "version"),
			name:    rapid.SampledFrom([]string{"GET /", "items", "SELECT", "item 17"}).Draw(t, "name"),
			kind:    ptrace.SpanKind(rapid.IntRange(0, 5).Draw(t, "kind")),
			failed:  rapid.IntRange(0, 3).Draw(t, "failed") == 0,
			state:   rapid.SampledFrom([]string{"", "", "ot=th:8", "ot=th:c", "ot=th:0", "x=y,ot=rv:ffffffffffffff;th:e", "ot=th:x"}).Draw(t, "state"),
			start:   start + time.Duration(rapid.IntRange(0, 5_000).Draw(t, "from"))*time.Microsecond,
		}
		s.end = s.start + time.Duration(rapid.IntRange(-10, 100_000).Draw(t, "length"))*time.Microsecond
		if rapid.Bool().Draw(t, "has code") {
			s.attributes = map[string]any{"code": rapid.SampledFrom([]any{int64(200), "200", int64(503), true, 1.5, []any{"a"}}).Draw(t, "code")}
		}
		spans = append(spans, s)
	}
	return spans
}

// anyTraces are whole traces that begin in one minute.
func anyTraces(t *rapid.T) (list [][]spec) {
	for number := range rapid.IntRange(1, 12).Draw(t, "traces") {
		list = append(list, anyTrace(t, number+1))
	}
	return list
}

// shuffled cuts traces into batches of spans in any order.
func shuffled(t *rapid.T, traces [][]spec) (batches [][]spec) {
	var all []spec
	for _, spans := range traces {
		all = append(all, spans...)
	}
	all = rapid.Permutation(all).Draw(t, "order")
	for len(all) > 0 {
		n := rapid.IntRange(1, len(all)).Draw(t, "batch")
		batches = append(batches, all[:n])
		all = all[n:]
	}
	return batches
}

func (s spec) String() string {
	return fmt.Sprintf("%d/%d<-%d %s %s %v+%v %q %v", s.trace, s.id, s.parent, s.service, s.name, s.start, s.end-s.start, s.state, s.attributes)
}
