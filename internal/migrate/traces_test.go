package migrate

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// traceLine is a trace as a line of text: spans, parted by semicolons, each of words.
//
//	10ms        duration; 1ms without
//	+5ms        start, after that of the trace
//	ERROR, OK   status
//	x20         so many of it
//	key=value   attribute: a whole number, a number, true, false, else a string; resource.key=value of its resource
//	state:a=b   tracestate
//	sampled     the flag
//	event:NAME  an event
type traceLine string

// copies makes n traces that are alike but for their ids, one batch for each resource of each.
func (l traceLine) copies(n int, seed uint64) []ptrace.Traces {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]ptrace.Traces, 0, n)
	for range n {
		var id pcommon.TraceID
		binary.BigEndian.PutUint64(id[:], r.Uint64())
		binary.BigEndian.PutUint64(id[8:], r.Uint64())
		out = append(out, l.trace(id))
	}
	return out
}

func (l traceLine) trace(id pcommon.TraceID) ptrace.Traces {
	td := ptrace.NewTraces()
	spans := 0
	for text := range strings.SplitSeq(string(l), ";") {
		rs := td.ResourceSpans().AppendEmpty()
		ss := rs.ScopeSpans().AppendEmpty()
		s := ss.Spans().AppendEmpty()
		s.SetTraceID(id)
		start, duration, times := time.Duration(0), time.Millisecond, 1
		for word := range strings.FieldsSeq(text) {
			key, value, isAttribute := strings.Cut(word, "=")
			switch {
			case strings.HasPrefix(word, "state:"):
				s.TraceState().FromRaw(strings.TrimPrefix(word, "state:"))
			case strings.HasPrefix(key, "resource."):
				put(rs.Resource().Attributes(), strings.TrimPrefix(key, "resource."), value)
			case isAttribute:
				put(s.Attributes(), key, value)
			case word == "ERROR":
				s.Status().SetCode(ptrace.StatusCodeError)
			case word == "OK":
				s.Status().SetCode(ptrace.StatusCodeOk)
			case word == "sampled":
				s.SetFlags(1)
			case strings.HasPrefix(word, "event:"):
				s.Events().AppendEmpty().SetName(strings.TrimPrefix(word, "event:"))
			case word[0] == 'x':
				times, _ = strconv.Atoi(word[1:])
			case word[0] == '+':
				start, _ = time.ParseDuration(word[1:])
			default:
				var err error
				if duration, err = time.ParseDuration(word); err != nil {
					panic(fmt.Sprintf("%q is no word of a span", word))
				}
			}
		}
		begin := time.Unix(1_700_000_000, 0).Add(start)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(begin))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(begin.Add(duration)))
		for range times - 1 {
			s.CopyTo(ss.Spans().AppendEmpty())
		}
		for _, s := range ss.Spans().All() {
			spans++
			s.SetSpanID(pcommon.SpanID{byte(spans >> 8), byte(spans), 1})
			if spans > 1 {
				s.SetParentSpanID(pcommon.SpanID{0, 1, 1})
			}
		}
	}
	return td
}

func put(m pcommon.Map, key, value string) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		m.PutInt(key, n)
	} else if f, err := strconv.ParseFloat(value, 64); err == nil {
		m.PutDouble(key, f)
	} else if b, err := strconv.ParseBool(value); err == nil {
		m.PutBool(key, b)
	} else {
		m.PutStr(key, value)
	}
}
