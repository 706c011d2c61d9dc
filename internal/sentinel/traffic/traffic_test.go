package traffic

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

func drawID(t *rapid.T) identity.TraceID {
	return identity.TraceID{
		Instance: rapid.Uint16().Draw(t, "instance"),
		Slot:     rapid.Uint32Range(1, math.MaxUint32).Draw(t, "slot"),
		Sequence: rapid.Uint32Range(0, 9).Draw(t, "sequence"),
	}
}

// A verifier of its own rebuilds a trace from key and configuration, whatever either has planned before, in whatever memory.
func TestContentIsAFunctionOfKeyAndConfiguration(t *testing.T) {
	one, two := newStream(t, nil), newStream(t, nil)
	var used Trace
	rapid.Check(t, func(t *rapid.T) {
		id := drawID(t)
		one.Trace(id, &used)
		require.Equal(t, rendered(planned(two, id)), rendered(&used))
	})
}

// digest is over everything that a few hundred traces of two streams say.
func digest(t testing.TB) string {
	h := sha256.New()
	marshaler := ptrace.ProtoMarshaler{}
	for _, s := range []*Stream{newStream(t, nil), newStream(t, func(c *Config) { c.Name, c.Number, c.ErrorShare = "burst", 1, 0.5 })} {
		for n := range uint32(100) {
			bytes, err := marshaler.MarshalTraces(rendered(planned(s, identity.TraceID{Stream: s.config.Number, Slot: noon + n/10, Sequence: n % 10})))
			require.NoError(t, err)
			_, _ = h.Write(bytes)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Another process makes the same content: nothing comes from an address or the random start of maps. The digest is the
// same on every platform and in every version of Go. A change of the shop changes it, and the fingerprint of streams with it;
// whoever changes it in any other way must change the labels of package identity.
func TestAnotherProcessAgrees(t *testing.T) {
	if os.Getenv("ASSAY_TEST_CHILD") != "" {
		_, _ = os.Stdout.WriteString("digest: " + digest(t) + "\n")
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAnotherProcessAgrees$") //nolint:gosec // this test
	command.Env = append(os.Environ(), "ASSAY_TEST_CHILD=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	want := digest(t)
	assert.Contains(t, string(out), "digest: "+want+"\n")
	assert.Equal(t, "609b96759ea180b4eae75b195e4ea1cf5973f839eb54d1e9cf5d4f324e78f62a", want)
}

// What is planned is a possible trace: children begin within the trace and after their parents, times are in order, ids differ and
// open to their index, and batches are those that there are.
func TestTracesAreWellFormed(t *testing.T) {
	s := newStream(t, func(c *Config) { c.Long = 0.05 })
	limit := s.config.Topology.MaxSpans
	rapid.Check(t, func(t *rapid.T) {
		trace := planned(s, drawID(t))
		require.LessOrEqual(t, len(trace.Spans), limit)
		require.Equal(t, s.At(trace.ID), trace.Begin.Add(trace.Length), "it has ended when it leaves")
		var end time.Duration
		for i := range trace.Spans {
			p := &trace.Spans[i]
			span := trace.span(i)
			index, ours := s.key.OpenSpan(trace.ID, span.SpanID())
			require.True(t, ours)
			require.Equal(t, uint32(i), index)
			require.Equal(t, trace.Sealed, span.TraceID())
			require.Less(t, p.Start, p.End)
			require.Equal(t, p.End-p.Start, span.EndTimestamp().AsTime().Sub(span.StartTimestamp().AsTime()))
			require.Less(t, int(p.Batch), s.config.Batches)
			require.Less(t, p.Instance, p.Service.Instances)
			end = max(end, p.End)
			require.Equal(t, i == 0, p.Parent < 0)
			if i > 0 {
				require.Less(t, int(p.Parent), i)
				parent := &trace.Spans[p.Parent]
				require.GreaterOrEqual(t, p.Start, parent.Start)
				require.Equal(t, s.key.SealSpan(trace.ID, uint32(p.Parent)), span.ParentSpanID())
				require.Equal(t, parent.Caller, p.Service != parent.Service, "a service is left through a caller only")
				if p.Link < 0 {
					require.LessOrEqual(t, p.End, parent.End, "the caller waits")
				}
			} else {
				require.True(t, span.ParentSpanID().IsEmpty())
			}
			for _, e := range span.Events().All() {
				require.LessOrEqual(t, span.StartTimestamp(), e.Timestamp())
				require.LessOrEqual(t, e.Timestamp(), span.EndTimestamp())
			}
			require.Equal(t, p.Failed, span.Status().Code() == ptrace.StatusCodeError)
			_, typed := span.Attributes().Get("error.type")
			require.Equal(t, p.Failed, typed)
			keys := map[string]bool{}
			for k := range span.Attributes().All() {
				require.False(t, keys[k], k)
				keys[k] = true
			}
		}
		require.Equal(t, trace.Length, end)
	})
}

// Every field of a span has, in some spans at least, a value that is not its zero: a pipeline that drops the field is seen.
func TestEveryFieldOccurs(t *testing.T) {
	s := newStream(t, nil)
	seen := map[string]bool{}
	note := func(field string, there bool) { seen[field] = seen[field] || there }
	types := map[pcommon.ValueType]bool{}
	for n := range uint32(600) {
		trace := planned(s, identity.TraceID{Slot: noon + n/10, Sequence: n % 10})
		for i := range trace.Spans {
			span := trace.span(i)
			note("dropped attributes", span.DroppedAttributesCount() > 0)
			note("dropped events", span.DroppedEventsCount() > 0)
			note("dropped links", span.DroppedLinksCount() > 0)
			note("tracestate", span.TraceState().AsRaw() == "assay=ambient")
			note("random flag", span.Flags()&2 != 0)
			note("remote flag", span.Flags()&0x200 != 0)
			note("local flag", span.Flags()&0x300 == 0x100)
			note("ok", span.Status().Code() == ptrace.StatusCodeOk)
			note("error", span.Status().Code() == ptrace.StatusCodeError)
			note("message", span.Status().Message() != "")
			note(span.Kind().String(), true)
			for _, e := range span.Events().All() {
				note("event "+e.Name(), e.Attributes().Len() > 0)
				note("dropped event attributes", e.DroppedAttributesCount() > 0)
			}
			for _, l := range span.Links().All() {
				_, ours := s.key.OpenSpan(trace.ID, l.SpanID())
				note("link", ours && l.TraceID() == trace.Sealed && l.Attributes().Len() > 0)
				note("dropped link attributes", l.DroppedAttributesCount() > 0)
			}
			for _, v := range span.Attributes().All() {
				types[v.Type()] = true
			}
		}
	}
	for _, field := range []string{
		"dropped attributes", "dropped events", "dropped links", "tracestate", "random flag", "remote flag", "local flag", "ok", "error",
		"message", "Internal", "Server", "Client", "Producer", "Consumer", "event cache.lookup", "event exception",
		"dropped event attributes", "link", "dropped link attributes",
	} {
		assert.Truef(t, seen[field], field)
	}
	assert.Len(t, types, 7-1, "string, int, double, bool, bytes, list; maps occur in events")
}

// Shares come out as they were asked for, and durations lie on and beside the bounds.
func TestShares(t *testing.T) {
	const n = 4000
	s := newStream(t, func(c *Config) { c.ErrorShare, c.Long, c.Reorder = 0.5, 0.02, 0.3 })
	bounds := map[time.Duration]string{}
	for _, b := range s.config.Topology.Bounds {
		bounds[b-1], bounds[b], bounds[b+1] = "below", "on", "above"
	}
	var failed, long, reordered, ordinary float64
	beside := map[string]int{}
	for i := range uint32(n) {
		trace := planned(s, identity.TraceID{Slot: noon + i/10, Sequence: i % 10})
		if trace.Long {
			long++
		}
		if trace.Failed {
			failed++
		}
		for j := range s.config.Batches {
			if int(trace.order[j]) != j {
				reordered++
				break
			}
		}
		ordinary += float64(len(trace.Spans))
		for _, span := range trace.Spans {
			beside[bounds[span.End-span.Start]]++
		}
	}
	near := func(want, count float64) {
		assert.InDelta(t, want, count/n, 5*math.Sqrt(want*(1-want)/n)+0.01)
	}
	near(0.02, long)
	near(0.5, failed)
	near(0.3*(1-1.0/720), reordered)
	for _, side := range []string{"below", "on", "above"} {
		assert.Greaterf(t, beside[side], n/10, side)
	}
	t.Logf("%.1f spans a trace, %v", ordinary/n, beside)
}

// The counts of slots add up to the rate, over any time.
func TestCounts(t *testing.T) {
	for _, rate := range []float64{0.001, 0.25, 1, 7.3, 10, 1234.5, MaxRate} {
		s := newStream(t, func(c *Config) { c.Rate = rate })
		var sum uint64
		const slots = 10_000
		for slot := range uint32(slots) {
			sum += uint64(s.Count(noon + slot))
		}
		assert.InDelta(t, rate*slots, float64(sum), 1)
		assert.NotPanics(t, func() { s.Count(math.MaxUint32) })
	}
}

func TestBurstsFollowTheWallClock(t *testing.T) {
	s := newStream(t, func(c *Config) { c.Every, c.For, c.Rate = 15*time.Minute, 5*time.Minute, 5 })
	assert.True(t, s.Active(noon))
	assert.Equal(t, uint32(5), s.Count(noon+299))
	assert.False(t, s.Active(noon+300))
	assert.Zero(t, s.Count(noon+899))
	assert.True(t, s.Has(identity.TraceID{Slot: noon + 900, Sequence: 4}))
	assert.False(t, s.Has(identity.TraceID{Slot: noon + 899, Sequence: 0}), "between bursts there is nothing")
	assert.False(t, s.Has(identity.TraceID{Slot: noon, Sequence: 5}))
	assert.False(t, s.Has(identity.TraceID{Slot: noon, Stream: 1}))
}

func TestTimes(t *testing.T) {
	s := newStream(t, nil)
	id := identity.TraceID{Slot: noon, Sequence: 3}
	assert.Equal(t, time.Unix(noon, 300_000_000), s.At(id))
	assert.Equal(t, time.Unix(noon, 600_000_000), s.Complete(id))
	assert.Equal(t, uint32(noon), SlotOf(s.At(id)))
	assert.Zero(t, SlotOf(time.Unix(-5, 0)))
}

func TestValidate(t *testing.T) {
	c := ambient(t, func(c *Config) {
		c.Name, c.Rate, c.Every, c.For, c.ErrorShare, c.Reorder, c.Batches = "Ambient", 0, time.Second, time.Minute, 2, -1, 0
	})
	require.EqualError(t, c.Validate(), `name: must be lower-case letters, digits, - and _, 32 at most, got "Ambient"
rate: must be traces a second, more than 0 and at most 1000000, got 0; to switch the stream off, leave it out
every: must be whole seconds, from 2s to 24h, got 1s
error_share: must be between 0 and 1, got 2
reorder: must be between 0 and 1, got -1
batches: must be between 1 and 64, got 0`)
	c = ambient(t, func(c *Config) { c.Rate, c.Every, c.For = 1e9, time.Minute, time.Minute })
	require.EqualError(t, c.Validate(), `rate: must be traces a second, more than 0 and at most 1000000, got 1e+09; to switch the stream off, leave it out
for: must be whole seconds, at least 1s and less than every (1m0s), got 1m0s`)
	short, err := topology.Parse("short.yaml", []byte("services: [{name: a, operations: [{name: b, latency: {median: 1ms}}]}]\nentries: [{operation: a/b}]"))
	require.NoError(t, err)
	c = ambient(t, func(c *Config) { c.Topology = short })
	require.EqualError(t, c.Validate(), "long: topology short.yaml has no entry with long: true, so there are no long traces; set 0, got 0.01")
	_, err = NewStream(nil, c)
	require.Error(t, err)
}

// Whatever changes the traffic changes the fingerprint.
func TestFingerprints(t *testing.T) {
	seen := map[string]bool{}
	for _, change := range []func(*Config){
		nil, func(c *Config) { c.Number++ }, func(c *Config) { c.Name = "x" }, func(c *Config) { c.Rate++ }, func(c *Config) { c.Every++ },
		func(c *Config) { c.For++ }, func(c *Config) { c.ErrorShare = 0.1 }, func(c *Config) { c.Batches++ }, func(c *Config) { c.Reorder = 0 },
		func(c *Config) { c.Long = 0 }, func(c *Config) { c.Topology = &topology.Topology{Text: []byte("x")} },
	} {
		c := ambient(t, change)
		again := ambient(t, change)
		assert.Equal(t, c.Fingerprint(), again.Fingerprint())
		assert.False(t, seen[c.Fingerprint()])
		seen[c.Fingerprint()] = true
	}
}
