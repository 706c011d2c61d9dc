package window

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// What a client may put into a value comes out as something that can be stored and shown, and stays apart from others.
func TestHostileTexts(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	texts := []string{
		"<script>alert(1)</script>", "\x00", "a\r\n\x1b[31mb", "\xff\xfe", long + "1", long + "2", strings.Repeat("ä", 200), strings.Repeat("\xff", 300), "", " ",
	}
	h := newHarness(t, Limits{}, every(t, "q", `service != "nobody"`, "key"))
	for i, text := range texts {
		s := request(i+1, time.Second)[0]
		s.name, s.service, s.version = text, text, text
		s.attributes = map[string]any{"key": text}
		h.send(s)
	}
	h.pass(70 * time.Second)
	s := h.one()
	assert.EqualValues(t, len(texts), s.Coverage.Spans)
	values := map[string]bool{}
	for _, g := range s.Groups {
		for _, part := range []string{g.Service, g.Value} {
			require.True(t, utf8.ValidString(part))
			require.LessOrEqual(t, len(part), longestText)
			require.NotContains(t, strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return '!'
				}
				return '.'
			}, part), "!", part)
		}
		if g.Kind == snapshot.Attribute {
			values[g.Value] = true
			require.EqualValues(t, 1, g.Sum().Spans, g.Value)
		}
	}
	assert.Len(t, values, len(texts))
	assert.True(t, values["<script>alert(1)</script>"])
}

// An explosion of values, names, services or paths ends in overflow groups: what was there keeps its groups, nothing is lost
// from the sums, and when it is over, new names get groups again.
func TestExplosionsEnd(t *testing.T) {
	limits := Limits{GroupsPerSnapshot: 200, ValuesPerKey: 20}
	for name, explode := range map[string]func(s *spec, n int){
		"values":     func(s *spec, n int) { s.attributes = map[string]any{"key": "value " + letters(n)} },
		"operations": func(s *spec, n int) { s.name = "operation " + letters(n) },
		"services":   func(s *spec, n int) { s.service = "service " + letters(n) },
		"versions":   func(s *spec, n int) { s.version = letters(n) },
		"edges":      func(s *spec, n int) { s.id, s.parent, s.name = 2, 1, "operation "+letters(n) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits, every(t, "q", `service != ""`, "key"))
			h.send(request(1, time.Second)...)
			const bang = 2000
			sent := 3
			for n := range bang {
				s := request(n+2, 2*time.Second)[0]
				explode(&s, n)
				if s.parent != 0 {
					caller := s
					caller.id, caller.parent, caller.service, caller.name = 1, 0, "callers", letters(n)
					h.send(caller)
					sent++
				}
				h.send(s)
				sent++
			}
			h.pass(70 * time.Second)
			s := h.one()
			assert.EqualValues(t, sent, s.Coverage.Spans)
			assert.Equal(t, 1, spansOf(s, operationOf("cart", "items")))
			assert.LessOrEqual(t, len(s.Groups), limits.GroupsPerSnapshot+3*limits.ValuesPerKey)
			assert.LessOrEqual(t, len(s.Versions), limits.ValuesPerKey)
			if name != "versions" {
				assert.Greater(t, s.Coverage.Overflow, uint64(bang/2))
			}
			sum := 0
			for _, g := range s.Groups {
				if g.Kind == snapshot.Service {
					sum += int(g.Sum().Spans)
				}
			}
			assert.Equal(t, sent, sum)

			fresh := request(bang+5, 75*time.Second)[0]
			fresh.service, fresh.name = "new shop", "new operation"
			h.pass(20 * time.Second)
			h.send(fresh)
			h.pass(time.Minute)
			require.Len(t, h.closed, 2)
			assert.Equal(t, 1, spansOf(h.closed[1], operationOf("new shop", "new operation")), "names are given back after a window")
		})
	}
}

// With scope span a caller may have no group. Its number must not be given to another operation while an edge is known by it.
func TestNumbersOfCallersAreKept(t *testing.T) {
	q := every(t, "q", `operation = "items"`)
	q.Scope = Span
	h := newHarness(t, Limits{ValuesPerKey: 4, GroupsPerSnapshot: 1000}, q)
	const callers = 5 // a sweep between any two
	for n := range callers {
		spans := request(n+1, h.now.Sub(epoch))[:2]
		spans[0].name = "caller " + letters(n)
		for k := range 20 { // names that nobody asks for crowd the table
			h.send(spec{trace: 100 + 20*n + k, id: 1, service: "noise", name: letters(20*n + k), start: h.now.Sub(epoch)})
		}
		h.send(spans...)
		h.pass(11 * time.Second)
	}
	h.pass(20 * time.Second)
	edges := 0
	for _, g := range h.one().Groups {
		if g.Kind == snapshot.Edge {
			edges++
			assert.EqualValues(t, 1, g.Sum().Spans, g.Caller)
		}
	}
	assert.Equal(t, callers, edges)
}

// letters is a number that does not look like one, so that normalising keeps it.
func letters(n int) string {
	text := ""
	for ; n > 0 || text == ""; n /= 20 {
		text += string("bcdfghjklmnpqrstvwxz"[n%20])
	}
	return text
}

// Whatever comes, memory stays within its limit: traces that never end, one endless trace, groups without number.
func TestMemoryIsBounded(t *testing.T) {
	limits := Limits{MemoryBytes: 8 << 20}
	for name, spanOf := range map[string]func(n int) spec{
		"many traces": func(n int) spec { return spec{trace: n + 1, id: 1, service: "shop", name: "GET /"} },
		"one trace": func(n int) spec {
			return spec{trace: 1, id: uint64(n + 1), parent: uint64(n), service: "shop", name: "GET /"}
		},
		"long records": func(n int) spec {
			return spec{trace: n + 1, id: 1, service: "shop", attributes: map[string]any{"key": strings.Repeat(letters(n), 60)}}
		},
		"many groups": func(n int) spec {
			return spec{trace: n + 1, id: 1, service: letters(n % 500), name: letters(n), version: letters(n)}
		},
		"many versions": func(n int) spec { return spec{trace: n + 1, id: 1, service: "shop", version: letters(n)} },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits, every(t, "q", `service != ""`, "key"))
			for n := 0; n < 150_000; {
				batch := make([]spec, 0, 500)
				for range cap(batch) {
					s := spanOf(n)
					s.start, s.end = time.Second, time.Second+time.Duration(n)
					batch = append(batch, s)
					n++
				}
				h.send(batch...)
				stats := h.engine.Stats()
				require.LessOrEqual(t, stats.BufferBytes+stats.GroupBytes, limits.MemoryBytes+1<<20, "after %d spans", n)
			}
			h.pass(70 * time.Second)
			c := h.one().Coverage
			assert.EqualValues(t, 150_000, c.Spans+c.Late+c.Dropped, "%+v", c)
			assert.LessOrEqual(t, h.engine.Stats().GroupBytes, int64(1<<20), "a closed window gives its memory back")
		})
	}
}

// always is true of every span.
const always = `service = "x" OR NOT service = "x"`

// Whatever a client may send, every span is counted somewhere, sums stay finite, and what comes out can be stored.
func FuzzConsume(f *testing.F) {
	marshal := func(td ptrace.Traces) []byte {
		b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(f, err)
		return b
	}
	f.Add([]byte{})
	f.Add(marshal(tracesOf(request(1, time.Second)...)))
	f.Add(marshal(tracesOf(spec{trace: 1, id: 1, parent: 1, name: "\xff", service: "\x00", state: "ot=th:8"}, spec{trace: 1, id: 1})))
	for seed := range 200 {
		all := rapid.Custom(anyTraces).Example(seed)
		if b := marshal(tracesOf(all[0]...)); len(b) < 500 { // from large seeds the fuzzer makes a few inputs a second
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if err != nil {
			return
		}
		for _, rs := range td.ResourceSpans().All() { // near the clock, or nothing would be aggregated
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					span.SetStartTimestamp(pcommon.Timestamp(epoch.UnixNano()) + span.StartTimestamp()%pcommon.Timestamp(90*time.Second))
				}
			}
		}
		span := every(t, "span", `"code" > 1 OR kind != "server"`, "code", "http.method")
		span.Scope = Span
		h := newHarness(t, Limits{GroupsPerSnapshot: 10, ValuesPerKey: 2}, every(t, "q", always, "code"), span)
		h.send()
		require.NoError(t, h.engine.Consume(td))
		h.pass(time.Second)
		require.NoError(t, h.engine.Consume(td))
		h.pass(3 * time.Minute)
		left := uint64(2 * td.SpanCount())
		for _, s := range h.closed {
			if s.QueryID == "q" {
				c := s.Coverage
				left -= c.Spans + c.Duplicates + c.Late + c.Future + c.Dropped + c.Invalid + c.Untimed
			}
			data, err := snapshot.Encode(s)
			require.NoError(t, err)
			back, err := snapshot.Decode(data)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(s.Coverage, s.Total), fmt.Sprint(back.Coverage, back.Total))
		}
		require.Zero(t, left)
	})
}
