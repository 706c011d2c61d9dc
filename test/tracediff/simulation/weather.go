package simulation

import (
	"math"
	"math/rand/v2"
	"time"
)

// Weather is how far healthy windows are from equal: standard deviations of logarithms, unless said otherwise.
type Weather struct {
	Trace    float64 // speed of a trace, shared by its spans
	Minute   float64 // speed of a service from half minute to half minute, autocorrelated
	Between  float64 // speed of an operation from window to window
	Mix      float64 // popularity of an endpoint from window to window
	Rate     float64 // traffic from half minute to half minute
	Failing  float64 // error share of an operation from window to window
	Bursts   float64 // mean number of errors of one operation that come together; their number is geometric
	Sessions float64 // mean number of requests to a rare endpoint that come together; 1: none do
}

// Calm is next to nothing but chance.
func Calm() Weather { return Weather{Bursts: 1, Sessions: 1} }

// Realistic is what was seen in recorded traffic without faults, rounded up.
func Realistic() Weather {
	return Weather{Trace: 0.3, Minute: 0.08, Between: 0.03, Mix: 0.05, Rate: 0.2, Failing: 0.1, Bursts: 1, Sessions: 2}
}

// Stormy is worse than that: half the errors come in bursts, which doubles the variance of their number, requests come in
// longer sessions, and services have worse minutes.
func Stormy() Weather {
	return Weather{Trace: 0.3, Minute: 0.12, Between: 0.04, Mix: 0.08, Rate: 0.3, Failing: 0.15, Bursts: 1.5, Sessions: 3}
}

// persistence is the correlation of two half minutes that follow each other.
const persistence = 0.5

// correlation is that of two time slices that follow each other, whatever their length.
func correlation(slice time.Duration) float64 {
	return math.Pow(persistence, float64(slice)/float64(30*time.Second))
}

// autoregressive draws n values of mean 0 with a standard deviation, each correlated with the one before; the first with the
// last of the window before, if that is known.
func autoregressive(r *rand.Rand, n int, sd, correlation float64, before *float64) []float64 {
	v := make([]float64, n)
	fresh := sd * math.Sqrt(1-correlation*correlation)
	for i := range v {
		switch {
		case i > 0:
			v[i] = correlation*v[i-1] + fresh*r.NormFloat64()
		case before != nil:
			v[i] = correlation**before + fresh*r.NormFloat64()
		default:
			v[i] = sd * r.NormFloat64()
		}
	}
	return v
}

// climate is where the weather of a window ends, so that the next one can go on from there.
type climate struct {
	minutes []float64 // by service
	rate    float64
}

// last is where a service's speed was; nil where no window came before.
func (c *climate) last(service int) *float64 {
	if c == nil || service >= len(c.minutes) {
		return nil
	}
	return &c.minutes[service]
}

// poisson draws a number with a mean: by multiplication for small ones, else as a rounded normal one.
func poisson(r *rand.Rand, mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, n := math.Exp(-mean), -1
	for p := 1.0; p > limit; n++ {
		p *= r.Float64()
	}
	return n
}

// geometric draws a number from 1 on with a mean.
func geometric(r *rand.Rand, mean float64) int {
	n := 1
	for mean > 1 && r.Float64() > 1/mean {
		n++
	}
	return n
}
