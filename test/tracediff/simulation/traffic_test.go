package simulation

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

func TestSlicesAreOneSecondLongAtLeast(t *testing.T) {
	for length, want := range map[time.Duration]int{15 * time.Second: 15, time.Minute: 20, 0: 20, time.Second: 1} {
		w := Window{Length: length}
		assert.Equal(t, want, w.slices(), "%v", length)
	}
}

// Windows follow each other in time, and a service's bad minute goes on from one to the next.
func TestTrafficGoesOn(t *testing.T) {
	weather := Calm()
	weather.Minute = 0.5
	traffic := Traffic{System: system(), Weather: weather, Rate: 100, Length: 15 * time.Second, Start: time.Unix(0, 0), Seed: 1}
	op := traffic.System.Endpoints[0]
	o := &traffic.System.Operations[op]
	var means []float64
	for n := range 200 {
		w, traces := traffic.Next()
		assert.Equal(t, time.Unix(int64(15*n), 0), w.Start)
		snap := traffic.System.Take(w, traces, Sampling{})
		sum := group(snap, snapshot.Identity{Kind: snapshot.Operation, Service: o.Service, Value: o.Name}).Sum()
		means = append(means, sum.LogDuration/sum.Weight)
	}
	var steps float64
	for i := range means[1:] {
		steps += (means[i+1] - means[i]) * (means[i+1] - means[i]) / float64(len(means)-1)
	}
	assert.Less(t, steps, variance(means), "independent windows would differ by twice their variance")
}

func TestSeason(t *testing.T) {
	traffic := Traffic{System: system(), Weather: Calm(), Season: Rhythm(), Rate: 2, Length: time.Hour, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Seed: 1}
	var requests, speed []float64
	for range 24 {
		w, traces := traffic.Next()
		requests = append(requests, float64(len(traces)))
		sum := traffic.System.Take(w, traces, Sampling{}).Total.Sum()
		speed = append(speed, sum.LogDuration/sum.Weight)
	}
	assert.InEpsilon(t, 4, requests[15]/requests[3], 0.15)
	assert.InDelta(t, 0.14, speed[15]-speed[3], 0.03)
}

// Each deployment puts a version in place for good, and what is in place stays within a few percent of what was.
func TestDeployments(t *testing.T) {
	traffic := Traffic{System: system(), Weather: Calm(), Rate: 5, Length: 10 * time.Minute, Start: time.Unix(0, 0), Seed: 1, Deploys: 10}
	mixed, latest := 0, map[string]string{}
	for range 144 {
		w, traces := traffic.Next()
		of := map[string][]string{}
		for _, v := range traffic.System.Take(w, traces, Sampling{}).Versions {
			of[v.Service] = append(of[v.Service], v.Version)
		}
		for service, versions := range of {
			if len(versions) > 1 {
				mixed++
				continue
			}
			latest[service] = versions[0]
		}
	}
	assert.InDelta(t, 10, mixed, 6)
	replaced := 0
	for _, v := range latest {
		if v != "1" {
			replaced++
		}
	}
	assert.Greater(t, replaced, 2)
}
