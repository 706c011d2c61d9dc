package compare_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// BenchmarkCompare diffs two snapshots of 10,000 groups.
func BenchmarkCompare(b *testing.B) {
	x, y := wide(1, 10_000), wide(2, 10_000)
	for _, bb := range []struct {
		name    string
		history *compare.History
	}{{"without history", nil}, {"with history", learned(x, y)}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := compare.Compare(x, y, bb.history, compare.DefaultThresholds()); len(d.Changes) < 10_000 {
					b.Fatal(len(d.Changes))
				}
			}
		})
	}
}

func learned(x, y *snapshot.Snapshot) *compare.History {
	h := &compare.History{}
	h.Learn(x, y)
	return h
}

// wide is a snapshot of so many groups, by repeating a simulated one under other names.
func wide(seed uint64, groups int) *snapshot.Snapshot {
	s := simulation.NewSystem(microservices.Options{Seed: 1, Services: 12, Endpoints: 12})
	traces := s.Play(simulation.Window{Requests: 3000, Weather: simulation.Realistic(), Seed: seed})
	snap := s.Snapshot(traces, time.Unix(1e9, 0), simulation.Sampling{})
	few := snap.Groups
	for n := 0; len(snap.Groups) < groups; n++ {
		for _, g := range few {
			c := *g
			c.Value = fmt.Sprintf("%s %d", g.Value, n)
			snap.Groups = append(snap.Groups, &c)
		}
	}
	snap.Groups = snap.Groups[:groups]
	snapshot.Sort(snap.Groups)
	return snap
}
