package tailsampling

import (
	"encoding/binary"
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// The generators below draw the batches that clients should never send and do: few ids, so that they collide and form
// cycles; names, times, enum values and strings of any kind. What a span holds beside that is the codec's business, and
// tested there (internal/tracebuffer).

var hostileNames = rapid.OneOf(
	rapid.SampledFrom([]string{
		"", "GET /", "get", "\xff\xfe", "\x00", "日本語", "https://shop.example/cart/8f3c2a91d0/item/42?user=7",
		strings.Repeat("long", 300),
	}),
	rapid.String(),
)

var hostileTimes = rapid.OneOf(
	rapid.SampledFrom([]uint64{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64 - 1, math.MaxUint64}),
	rapid.Uint64Range(1_700_000_000_000_000_000, 1_700_000_010_000_000_000),
	rapid.Uint64Range(1_690_000_000_000_000_000, 1_710_000_000_000_000_000), // clocks off by months
	rapid.Uint64(),
)

// hostileStates are trace states: with and without thresholds, other vendors, and what cannot be parsed.
var hostileStates = rapid.SampledFrom([]string{
	"", "", "", "ot=th:0", "ot=th:8", "ot=th:c", "ot=th:fffff", "ot=rv:00000000000000", "ot=rv:ffffffffffffff",
	"ot=th:8;rv:90000000000000", "ot=th:8;rv:10000000000000", "vendor=1", "a=b,ot=th:4,c@d=e", "ot=x:y;th:4;z:1",
	"ot=th:", "ot=th:zz", "ot=rv:1", "=", "\xff", "ot", "ot=", strings.Repeat("k=v,", 100),
})

func hostileID(t *rapid.T, label string) (id pcommon.SpanID) {
	id[7] = rapid.Uint8Range(0, 5).Draw(t, label)
	return id
}

// hostileTraceID draws one of few trace ids, or none at all.
func hostileTraceID(t *rapid.T) (id pcommon.TraceID) {
	n := rapid.Uint8Range(0, 6).Draw(t, "trace")
	if n == 0 {
		return id
	}
	id[0] = n
	binary.BigEndian.PutUint64(id[8:], rapid.SampledFrom([]uint64{0, 0x40_0000_0000_0000, 0x99_9999_9999_9999, math.MaxUint64}).Draw(t, "randomness"))
	return id
}

func hostileSpan(t *rapid.T, sp ptrace.Span, states *rapid.Generator[string]) {
	sp.SetTraceID(hostileTraceID(t))
	sp.SetSpanID(hostileID(t, "span"))
	sp.SetParentSpanID(hostileID(t, "parent"))
	sp.SetName(hostileNames.Draw(t, "name"))
	sp.SetKind(ptrace.SpanKind(rapid.Int32Range(-1, 7).Draw(t, "kind")))
	sp.SetStartTimestamp(pcommon.Timestamp(hostileTimes.Draw(t, "start")))
	sp.SetEndTimestamp(pcommon.Timestamp(hostileTimes.Draw(t, "end")))
	sp.TraceState().FromRaw(states.Draw(t, "tracestate"))
	sp.Status().SetCode(ptrace.StatusCode(rapid.Int32Range(-1, 4).Draw(t, "status")))
	sp.Status().SetMessage(hostileNames.Draw(t, "message"))
	sp.SetFlags(rapid.Uint32().Draw(t, "flags"))
	for range rapid.IntRange(0, 2).Draw(t, "attributes") {
		sp.Attributes().PutStr(hostileNames.Draw(t, "key"), hostileNames.Draw(t, "value"))
	}
	if rapid.Bool().Draw(t, "event") {
		ev := sp.Events().AppendEmpty()
		ev.SetName(hostileNames.Draw(t, "event name"))
		ev.SetTimestamp(pcommon.Timestamp(hostileTimes.Draw(t, "event time")))
		sp.Links().AppendEmpty().SetTraceID(hostileTraceID(t))
	}
}

// hostileBatches draws batches in which the spans of a trace are spread over resources, scopes and batches.
func hostileBatches(states *rapid.Generator[string]) *rapid.Generator[ptrace.Traces] {
	return rapid.Custom(func(t *rapid.T) ptrace.Traces {
		td := ptrace.NewTraces()
		for range rapid.IntRange(0, 3).Draw(t, "resources") {
			rs := td.ResourceSpans().AppendEmpty()
			rs.SetSchemaUrl(hostileNames.Draw(t, "schema"))
			if rapid.Bool().Draw(t, "has service") {
				rs.Resource().Attributes().PutStr("service.name", hostileNames.Draw(t, "service"))
			}
			for range rapid.IntRange(0, 2).Draw(t, "scopes") {
				ss := rs.ScopeSpans().AppendEmpty()
				ss.Scope().SetName(hostileNames.Draw(t, "scope"))
				for range rapid.IntRange(0, 4).Draw(t, "spans") {
					hostileSpan(t, ss.Spans().AppendEmpty(), states)
				}
			}
		}
		return td
	})
}

// hostileConfig draws a valid configuration.
func hostileConfig(t *rapid.T) func(*Config) {
	budget := rapid.SampledFrom([]Budget{
		{SharePercent, 100}, {SharePercent, 10}, {SharePercent, 0.001}, {SpansPerSecond, 1}, {TracesPerSecond, 2}, {BytesPerSecond, 100},
	}).Draw(t, "budget")
	baseline := rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "baseline")
	hash := rapid.Bool().Draw(t, "hash")
	dry := rapid.IntRange(0, 9).Draw(t, "dry run") == 0
	normalize := rapid.Bool().Draw(t, "normalize")
	attributes := rapid.SampledFrom([][]string{nil, {"service.name"}, {"", "GET /"}}).Draw(t, "path attributes")
	return func(c *Config) {
		c.Budget, c.Baseline, c.HashRandomness, c.DryRun = budget, baseline, hash, dry
		c.Paths.NormalizeNames, c.Paths.Attributes = normalize, attributes
	}
}
