package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// wideSystem is two windows of a system of so many groups, in which all that is called got slower: services in layers, or all of them in a ring.
func wideSystem(groups int, ring bool) (a, b *snapshot.Snapshot) {
	r := rand.New(rand.NewPCG(1, 1))
	const perService = 10
	operations := groups * 4 / 10
	of := func(n int) (service, name string) {
		return fmt.Sprintf("service %d", n/perService), fmt.Sprintf("operation %d", n%perService)
	}
	var ids []snapshot.Identity
	for n := range operations {
		service, name := of(n)
		ids = append(ids, snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: name})
		if n%perService == 0 {
			ids = append(ids, snapshot.Identity{Kind: snapshot.Service, Value: service})
		}
	}
	for n := 0; len(ids) < groups; n++ {
		to := n + 1 + r.IntN(3*perService)
		if ring {
			to %= operations
		}
		from := n % operations
		if to < operations && to != from {
			service, name := of(to)
			id := snapshot.Identity{Kind: snapshot.Edge, Service: service, Value: name}
			id.CallerService, id.Caller = of(from)
			ids = append(ids, id)
		}
		if n > 3*groups {
			break
		}
	}
	a, b = emptyWindow("a"), emptyWindow("b")
	a.Total, b.Total = *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, false), *evenGroup(r, snapshot.Identity{Kind: snapshot.Total}, false)
	for _, id := range ids {
		before := evenGroup(r, id, true)
		after := *before
		after.Slices = slices.Clone(before.Slices)
		for i := range after.Slices {
			s := &after.Slices[i]
			s.LogDuration += s.Weight
			s.LogSelf += s.Weight
			s.LogWait += s.WaitWeight
			s.Duration *= math.E
			s.Wait *= math.E
		}
		a.Groups, b.Groups = append(a.Groups, before), append(b.Groups, &after)
	}
	return a, b
}

// Ten thousand groups that all changed are explained while somebody waits: in about a second, and in much less than a minute on a
// machine that does other things.
func TestCausesOfWideSystemsAreFoundSoon(t *testing.T) {
	groups := 10_000
	if testing.Short() {
		groups = 2000
	}
	for _, ring := range []bool{false, true} {
		a, b := wideSystem(groups, ring)
		began := time.Now()
		d := Compare(a, b, nil, DefaultThresholds())
		took := time.Since(began)
		require.Greater(t, len(d.Changes), groups)
		flagged := 0
		for i := range d.Changes {
			if d.Changes[i].Flagged {
				flagged++
			}
		}
		require.Less(t, took, time.Minute)
		require.Greater(t, flagged, groups)
		eachUnderOneCause(t, d)
	}
}

// BenchmarkCauses compares two snapshots of 10,000 groups that all changed.
func BenchmarkCauses(b *testing.B) {
	for _, ring := range []bool{false, true} {
		b.Run(fmt.Sprintf("ring=%v", ring), func(b *testing.B) {
			x, y := wideSystem(10_000, ring)
			b.ReportAllocs()
			for b.Loop() {
				Compare(x, y, nil, DefaultThresholds())
			}
		})
	}
}
