package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The example is a failed span of service checkout. What matches depends on how long its trace takes.
func TestTraceDuration(t *testing.T) {
	for _, tt := range []struct {
		text      string
		ranges    int
		yes, noes []time.Duration // of the trace
	}{
		{`trace.duration > 1s`, 2, []time.Duration{time.Second + 1, time.Hour}, []time.Duration{0, time.Second}},
		{`trace:duration >= 1s`, 2, []time.Duration{time.Second}, []time.Duration{time.Second - 1}},
		{`TRACE.DURATION < 1s`, 2, []time.Duration{0, time.Second - 1}, []time.Duration{time.Second}},
		{`trace.duration <= 250`, 2, []time.Duration{250 * time.Millisecond}, []time.Duration{251 * time.Millisecond}},
		{`trace.duration = 1s`, 3, []time.Duration{time.Second}, []time.Duration{time.Second - 1, time.Second + 1}},
		{`trace.duration != 1s`, 3, []time.Duration{time.Second - 1, time.Second + 1}, []time.Duration{time.Second}},
		{`trace.duration NOT IN (1s, 2s)`, 5, []time.Duration{0, 1500 * time.Millisecond, time.Hour}, []time.Duration{time.Second, 2 * time.Second}},
		{`trace.duration > 1s AND trace.duration <= 2s`, 3, []time.Duration{2 * time.Second}, []time.Duration{time.Second, 3 * time.Second}},
		{`NOT (trace.duration > 1s)`, 2, []time.Duration{time.Second}, []time.Duration{2 * time.Second}},
		{`trace.duration > 1s AND service = "checkout"`, 2, []time.Duration{2 * time.Second}, []time.Duration{time.Second}},
		{`trace.duration > 1s AND service = "cart"`, 2, nil, []time.Duration{0, 2 * time.Second}},
		{`trace.duration > 1s OR error = true`, 2, []time.Duration{0, 2 * time.Second}, nil},
		{`service = "checkout"`, 1, []time.Duration{0, time.Hour}, nil},
		{`ottl: name == "x"`, 1, nil, []time.Duration{0}},
	} {
		t.Run(tt.text, func(t *testing.T) {
			q, err := Parse(tt.text)
			require.NoError(t, err)
			assert.Equal(t, tt.ranges, q.Ranges())
			rs, ss, span := example()
			for _, d := range tt.yes {
				assert.True(t, q.MatchesIn(q.RangeOf(d), rs, ss, span), d)
			}
			for _, d := range tt.noes {
				assert.False(t, q.MatchesIn(q.RangeOf(d), rs, ss, span), d)
			}
		})
	}
	q, err := Parse(`trace.duration > 299ms AND trace.duration <= 300ms`)
	require.NoError(t, err)
	assert.True(t, q.Matches(example()), "a span by itself is a trace as long as it is")
}

func TestTraceDurationIsComparedWithDurations(t *testing.T) {
	for text, want := range map[string]string{
		`trace.duration = "long"`: "query: column 18: expected a duration such as 250ms",
		`trace.duration IN (1s, 2s, 3s, 4s, 5s)`: "query: column 1: expected at most 4 different values for trace.duration, " +
			`got "trace.duration IN (1s, 2s, 3s, 4s, 5s)" (ask for ranges with > and <)`,
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, want)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
	}
}

// Whatever a query asks of the duration of a trace, its answer for the range that a duration is in is the answer for the duration.
func TestRangesGiveTheAnswerForEachDuration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type limit struct {
			operator string
			at       int64
		}
		holds := func(l limit, d int64) bool {
			switch l.operator {
			case ">":
				return d > l.at
			case ">=":
				return d >= l.at
			case "<":
				return d < l.at
			case "<=":
				return d <= l.at
			case "=":
				return d == l.at
			}
			return d != l.at
		}
		limits := make([]limit, rapid.IntRange(1, 4).Draw(t, "limits"))
		parts := make([]string, len(limits))
		word := rapid.SampledFrom([]string{"AND", "OR"}).Draw(t, "word")
		for i := range limits {
			limits[i] = limit{rapid.SampledFrom([]string{">", ">=", "<", "<=", "=", "!="}).Draw(t, "operator"), rapid.Int64Range(0, 9).Draw(t, "at")}
			parts[i] = fmt.Sprintf("trace.duration %s %dns", limits[i].operator, limits[i].at)
		}
		text := strings.Join(parts, " "+word+" ")
		q, err := Parse(text)
		require.NoError(t, err)
		rs, ss, span := example()
		for d := range int64(11) {
			want := word == "AND"
			for _, l := range limits {
				if word == "AND" {
					want = want && holds(l, d)
				} else {
					want = want || holds(l, d)
				}
			}
			number := q.RangeOf(time.Duration(d))
			require.Less(t, number, q.Ranges())
			require.Equal(t, want, q.MatchesIn(number, rs, ss, span), "%s of %d ns", text, d)
		}
	})
}

func TestSelects(t *testing.T) {
	for _, tt := range []struct {
		text, key, value string
		want             bool
	}{
		{`tenant = "a"`, "tenant", "b", true},
		{`tenant = "a"`, "region", "b", false},
		{`NOT (x = 1 OR tenant != "a")`, "tenant", "a", true},
		{`service IN ("cart", "shop")`, KeyService, "shop", true},
		{`service IN ("cart", "shop")`, KeyService, "payment", false},
		{`service.name = "shop"`, KeyService, "shop", true},
		{`service IN ("1","2","3","4","5","6","7","shop")`, KeyService, "shop", true},
		{`operation = "GET /cart/8f3c2a91d0"`, KeyOperation, "GET /cart/*", true},
		{`operation = "GET /cart/*"`, KeyOperation, "GET /cart/*", true},
		{`operation = "GET /"`, KeyOperation, "GET /cart/*", false},
		{`error = true`, KeyError, "true", true},
		{`status = "error"`, KeyError, "true", true},
		{`version = "2"`, "service.version", "2", true},
		{`kind = "server"`, "span.kind", "server", true},
		{`duration > 1s`, KeyDuration, "", true},
		{`trace.duration > 1s`, KeyDuration, "", true},
		{`tenant = "a"`, KeyDuration, "", false},
		{`*`, "tenant", "a", false},
		{`ottl: attributes["tenant"] == "a"`, "tenant", "b", true},
		{`ottl: attributes["name"] == "a"`, KeyOperation, "b", false},
		{`ottl: IsMatch(name, "a")`, KeyOperation, "b", true},
		{`ottl: resource.attributes["service.name"] == "a"`, KeyService, "a", true},
		{`ottl: status.code == 2`, KeyError, "true", true},
		{`ottl: kind == SPAN_KIND_SERVER`, "span.kind", "server", true},
		{`ottl: end_time_unix_nano - start_time_unix_nano > 1000`, KeyDuration, "", true},
		{`ottl: attributes["tenant"] == "a"`, KeyError, "true", false},
	} {
		q, err := Parse(tt.text)
		require.NoError(t, err)
		assert.Equal(t, tt.want, q.Selects(tt.key, tt.value), "%s: %s = %s", tt.text, tt.key, tt.value)
	}
}
