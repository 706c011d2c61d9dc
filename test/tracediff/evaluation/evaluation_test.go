package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Kolmogorov's distribution has 95 % of its mass below 1.3581 and 99 % below 1.6276.
func TestKolmogorov(t *testing.T) {
	assert.InDelta(t, 0.05, kolmogorov(1.3581), 1e-4)
	assert.InDelta(t, 0.01, kolmogorov(1.6276), 1e-4)
	assert.InDelta(t, 1, kolmogorov(0.1), 1e-9)
}

// The rule that trace_diff is compared with must be a fair one: where spans are independent, it is quiet.
func TestKolmogorovSmirnovIsFair(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(shift float64) *observed {
		o := &observed{}
		for range 20 {
			v := make([]float64, 300)
			for i := range v {
				v[i] = r.NormFloat64() + shift
			}
			slices.Sort(v)
			o.durations = append(o.durations, v)
		}
		return o
	}
	wrong := 0
	for range 50 {
		if slices.Contains(kolmogorovSmirnov(draw(0), draw(0)), true) {
			wrong++
		}
	}
	assert.LessOrEqual(t, wrong, 7)
	assert.NotContains(t, kolmogorovSmirnov(draw(0), draw(1)), false)
}

// A small run of the whole command: sections are written between the marks, and the rest of the page stays.
func TestPage(t *testing.T) {
	const begin, end = "<!-- trace_diff: begin -->\n", "<!-- trace_diff: end -->\n"
	out := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(out, []byte("before\n"+begin+"what was there\n"+end+"after\n"), 0o600))
	o := &options{out: out, recordings: "../../../testdata/traces", shared: t.TempDir(), pairs: 4, repeats: 1, bootstraps: 2}
	p := newPart()
	require.NoError(t, quiet(t.Context(), o, p))
	require.NoError(t, bootstrap(t.Context(), o, p))
	require.NoError(t, labelled(t.Context(), o, p), "data that are not there are left out")
	require.NoError(t, healthy(t.Context(), o, p), "data that are not there are left out")
	require.NoError(t, p.Write(out, o.introduction()))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.Regexp(t, `(?s)^before\n`+begin+`## trace_diff.*4 pairs without a change.*hotrod.*`+end+`after\n$`, string(text))
	assert.NotContains(t, string(text), "what was there")
	assert.NotContains(t, string(text), "ob0822 |")
}

func TestStretches(t *testing.T) {
	start := time.Unix(0, 0)
	var traces []*recorded
	for _, s := range []int{0, 5, 10, 100, 101} {
		traces = append(traces, &recorded{start: start.Add(time.Duration(s) * time.Second)})
	}
	got := stretches(traces, 20*time.Second)
	require.Len(t, got, 2)
	assert.Len(t, got[0].traces, 3)
	assert.Equal(t, 10*time.Second, got[0].until.Sub(got[0].from))
}

func TestIntervals(t *testing.T) {
	assert.Equal(t, "50.0 % (23.7 to 76.3)", of{5, 10}.interval())
	assert.Equal(t, "-", of{}.interval())
}
