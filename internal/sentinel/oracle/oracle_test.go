package oracle

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/sentinel/samplers"
)

func newStream(t testing.TB) *traffic.Stream {
	t.Helper()
	key, err := identity.NewKey("an entirely public secret")
	require.NoError(t, err)
	shop, err := topology.Load(topology.Shop)
	require.NoError(t, err)
	s, err := traffic.NewStream(key, traffic.Config{Name: "ambient", Topology: shop, Rate: 10, Batches: 1})
	require.NoError(t, err)
	return s
}

// findings lets an oracle see n traces through a sampler.
func findings(t *testing.T, s *traffic.Stream, model samplers.Model, n int, seed uint32) []string {
	t.Helper()
	o := New()
	o.Join(s)
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	var plan traffic.Trace
	for i := range uint32(n) {
		id := identity.TraceID{Instance: uint16(seed), Slot: 1_763_726_400 + i/10, Sequence: i % 10}
		s.Trace(id, &plan)
		o.Add(&verify.Judgement{Verdict: verify.Unknown, Trace: id, Traces: 1, Accepted: true, Weight: model(r, &plan)})
	}
	require.Equal(t, n, o.Seen())
	return o.Findings()
}

func TestHonestSamplersAreBelieved(t *testing.T) {
	s := newStream(t)
	for seed := range uint32(10) {
		for _, weak := range []float64{0.01, 0.1, 0.5} {
			assert.Empty(t, findings(t, s, samplers.Honest(1, weak), 4000, seed))
		}
	}
	assert.Empty(t, findings(t, s, samplers.Coin(1), 4000, 1), "who keeps everything need not prefer")
	assert.Empty(t, findings(t, s, samplers.Coin(0.0001), 100, 1), "too little to say anything")
}

func TestCheatsAreFoundOut(t *testing.T) {
	s := newStream(t)
	honest := samplers.Honest(1, 0.2)
	for name, one := range map[string]struct {
		model samplers.Model
		says  string
	}{
		"flips coins":        {samplers.Coin(0.2), "not preferred"},
		"loses a fifth":      {samplers.Forgetful(honest, 0.2), "all traces: the kept ones stand for"},
		"claims too much":    {samplers.Boasting(honest, 1.4), "all traces: the kept ones stand for"},
		"claims too little":  {samplers.Boasting(honest, 0.7), "ordinary traces: the kept ones stand for"},
		"hides an operation": {samplers.Hiding(honest, "frontend/POST /cart"), "traces from frontend/POST /cart: the kept ones stand for"},
		"loses all":          {samplers.Forgetful(samplers.Coin(1), 1), "all traces: the kept ones stand for 0"},
	} {
		found := strings.Join(findings(t, s, one.model, 12_000, 3), "\n")
		assert.Contains(t, found, one.says, name)
	}
}

// An honest sampler that has another idea of slow, and keeps much anyway, is believed however long one looks.
func TestWhoKeepsMuchPrefersLess(t *testing.T) {
	s := newStream(t)
	for seed := range uint32(3) {
		o := New()
		o.Join(s)
		r, honest := rand.New(rand.NewPCG(uint64(seed), 5)), samplers.Honest(1, 0.3)
		var plan traffic.Trace
		for i := range uint32(60_000) {
			id := identity.TraceID{Instance: uint16(seed), Slot: 1_763_726_400 + i/10, Sequence: i % 10}
			s.Trace(id, &plan)
			o.Add(&verify.Judgement{Trace: id, Traces: 1, Accepted: true, Weight: honest(r, &plan)})
			if i%300 == 0 {
				require.Empty(t, o.Findings(), "after %d", i)
			}
		}
	}
}

// What the generator has not said to be accepted, and what is said a second time, does not count.
func TestWhatDoesNotCount(t *testing.T) {
	s := newStream(t)
	o := New()
	o.Join(s)
	id := identity.TraceID{Slot: 1_763_726_400}
	o.Add(&verify.Judgement{Trace: id, Traces: 1})
	o.Add(&verify.Judgement{Trace: id, Traces: 1, Accepted: true, Was: verify.Missing})
	o.Add(&verify.Judgement{Trace: id, Traces: 10, Accepted: true})
	o.Add(&verify.Judgement{Trace: identity.TraceID{Stream: 9}, Traces: 1, Accepted: true})
	assert.Zero(t, o.Seen())
}

// Old traces fade, so that a sampler that was repaired is believed again.
func TestOldTracesFade(t *testing.T) {
	s := newStream(t)
	o := New()
	o.Join(s)
	var plan traffic.Trace
	add := func(n int, model samplers.Model) {
		for range n {
			id := identity.TraceID{Slot: 1_763_726_400 + uint32(o.Seen()/10), Sequence: uint32(o.Seen() % 10)}
			s.Trace(id, &plan)
			o.Add(&verify.Judgement{Trace: id, Traces: 1, Accepted: true, Weight: model(nil, &plan)})
		}
	}
	add(2000, samplers.Hiding(samplers.Coin(1), "frontend/POST /cart"))
	require.NotEmpty(t, o.Findings())
	add(10*halfLife, samplers.Coin(1))
	assert.Empty(t, o.Findings())
}
