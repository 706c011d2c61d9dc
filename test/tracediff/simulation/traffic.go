package simulation

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// Traffic is windows that follow each other: the weather of each goes on where that of the one before ended.
type Traffic struct {
	System  *System
	Weather Weather
	Season  Season
	Rate    float64 // mean number of requests per second
	Length  time.Duration
	Start   time.Time
	Seed    uint64
	Deploys float64 // versions that are put in place a day, each of which makes small harmless differences

	windows  uint64
	climate  *climate
	r        *rand.Rand
	releases int
	deployed map[string][]Change // what is in place, by service
}

// drift is by how much a harmless version changes the own time of operations, either way.
const drift = 0.03

// Next executes the next window.
func (t *Traffic) Next(changes ...Change) (*Window, []Trace) {
	w := &Window{
		Requests: t.Rate * t.Length.Seconds(), Weather: t.Weather, Season: t.Season, Seed: t.Seed + t.windows,
		Start: t.Start.Add(time.Duration(t.windows) * t.Length), Length: t.Length, Changes: append(t.deploy(), changes...),
	}
	t.windows++
	traces, after := t.System.play(*w, t.climate)
	t.climate = after
	return w, traces
}

// deploy lists what is in place in the next window, with what is put in place within it.
func (t *Traffic) deploy() []Change {
	if t.Deploys <= 0 {
		return nil
	}
	if t.r == nil {
		t.r, t.deployed = rand.New(rand.NewPCG(t.Seed, 0xde9)), map[string][]Change{}
	}
	var now []Change
	replaced := map[string]bool{}
	for range poisson(t.r, t.Deploys*t.Length.Hours()/24) {
		service := t.System.Services[t.r.IntN(len(t.System.Services))]
		if replaced[service] {
			continue // one a window is enough
		}
		replaced[service] = true
		t.releases++
		release := []Change{Deployed(service, strconv.Itoa(1+t.releases))}
		for op := range t.System.Operations {
			if t.System.Operations[op].Service == service {
				release = append(release, OwnTime(op, 1-drift+2*drift*t.r.Float64()))
			}
		}
		onset := t.r.Float64()
		now = append(now, During(0, onset, t.deployed[service])...)
		now = append(now, During(onset, 1, release)...)
		t.deployed[service] = release
	}
	for _, service := range t.System.Services {
		if !replaced[service] {
			now = append(now, t.deployed[service]...)
		}
	}
	return now
}
