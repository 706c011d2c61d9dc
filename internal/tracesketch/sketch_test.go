package tracesketch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func decay() *Decay { return NewDecay(10*time.Minute, time.Unix(0, 0)) }

// at is a time since the decay's start.
func at(d time.Duration) time.Time { return time.Unix(0, 0).Add(d) }

// A quantile is off by at most 1 %, whatever the distribution.
func TestQuantileIsWithinOnePercent(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	distributions := map[string]func() float64{
		"constant":     func() float64 { return 123_456_789 },
		"uniform":      func() float64 { return r.Float64() * 1e9 },
		"exponential":  func() float64 { return r.ExpFloat64() * 5e6 },
		"log-normal":   func() float64 { return math.Exp(16 + 2*r.NormFloat64()) },
		"two humps":    func() float64 { return math.Exp(float64(12+6*r.IntN(2)) + 0.1*r.NormFloat64()) },
		"heavy tail":   func() float64 { return 1e6 / math.Pow(1-r.Float64(), 2) },
		"nanoseconds":  func() float64 { return float64(r.IntN(300)) },
		"up to a year": func() float64 { return r.Float64() * 3e16 },
	}
	for name, draw := range distributions {
		t.Run(name, func(t *testing.T) {
			d, values := decay(), make([]float64, 20_000)
			var s Sketch
			for i := range values {
				values[i] = math.Floor(draw())
				s.Add(uint64(values[i]), d)
			}
			slices.Sort(values)
			for _, q := range []float64{0.001, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1} {
				exact := values[max(0, int(math.Ceil(q*float64(len(values))))-1)]
				assert.InDelta(t, exact, s.Quantile(q), 0.01*exact, "quantile %v", q)
			}
			assert.InDelta(t, float64(len(values)), s.Count(), 1e-6)
		})
	}
}

// Every value falls into a bucket whose middle is within 0.8 % of it.
func TestBucketsCoverAllValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64().Draw(t, "bits") >> rapid.IntRange(0, 63).Draw(t, "shift")
		b := bucketOf(v)
		require.InDelta(t, float64(v), bucketMiddle(b), 0.008*float64(v))
		require.GreaterOrEqual(t, bucketOf(max(v, v+1)), b)
	})
	assert.Less(t, bucketOf(math.MaxUint64), int32(4096))
}

func TestCountHalvesAfterAHalfLife(t *testing.T) {
	d := decay()
	var s Sketch
	var m Meter
	for range 1000 {
		s.Add(5e6, d)
		m.Add(1, d)
	}
	for n := 1; n <= 5; n++ {
		d.Advance(at(time.Duration(n) * 10 * time.Minute))
		s.Add(1e6, d) // touch it
		m.Add(1, d)
		want := 1000 * math.Exp2(-float64(n))
		assert.InDelta(t, want, s.Count(), 3, "after %d half-lives", n)
		assert.InDelta(t, want, m.Count(d), 3)
	}
	d.Advance(at(24 * time.Hour))
	s.Add(7e6, d)
	assert.InDelta(t, 1, s.Count(), 1e-6, "the rest is forgotten")
	assert.InEpsilon(t, 7e6, s.Quantile(0), 0.01)
}

// Old observations give way to new ones: after one half-life they hold the balance.
func TestQuantileFollowsAChange(t *testing.T) {
	d := decay()
	var s Sketch
	for range 1000 {
		s.Add(1e6, d)
	}
	d.Advance(at(10 * time.Minute))
	for range 490 {
		s.Add(9e6, d)
	}
	assert.InEpsilon(t, 1e6, s.Quantile(0.5), 0.01)
	for range 20 {
		s.Add(9e6, d)
	}
	assert.InEpsilon(t, 9e6, s.Quantile(0.5), 0.01)
}

// Time that stands still or goes backwards changes nothing; a leap of years empties without overflow.
func TestDecayUnderStrangeClocks(t *testing.T) {
	d := decay()
	d.Advance(at(time.Hour))
	epoch := d.Epoch()
	d.Advance(at(-time.Hour))
	assert.Equal(t, epoch, d.Epoch())
	tiny := NewDecay(0, time.Unix(0, 0))
	tiny.Advance(time.Unix(1<<40, 0))
	assert.Equal(t, int32(math.MaxInt32), tiny.Epoch())
	assert.Zero(t, tiny.Factor(0))
	var s Sketch
	s.Add(5, tiny)
	assert.InDelta(t, 1, s.Count(), 0)
}

// A sketch is as wide as its values, and never wider than all there are.
func TestSketchIsBounded(t *testing.T) {
	d := decay()
	var narrow, wide Sketch
	for i := range uint64(100_000) {
		narrow.Add(1_000_000+i*10, d)
		wide.Add(0x9E3779B97F4A7C15*i>>(i%64), d)
	}
	assert.Less(t, narrow.Bytes(), 1<<10)
	assert.Less(t, wide.Bytes(), 20<<10)
}

// Counts go beyond what the precision of one bucket holds: 20 million observations are an hour of a busy service.
func TestQuantileOfManyObservations(t *testing.T) {
	d := decay()
	var s Sketch
	for i := range 20_000_000 {
		s.Add(1_000_000+uint64(i%1000)*1000, d)
	}
	assert.InEpsilon(t, 20e6, s.Count(), 0.001)
	assert.InEpsilon(t, 1.5e6, s.Quantile(0.5), 0.01)
	assert.InEpsilon(t, 1.95e6, s.Quantile(0.95), 0.01)
	var hot Sketch
	for range 20_000_000 {
		hot.Add(1_000_000, d)
	}
	hot.Add(1, d)
	assert.InEpsilon(t, 1e6, hot.Quantile(0.99), 0.01)
}
