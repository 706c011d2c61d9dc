package topology

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// crowded is a window with many services, each of which calls the next, under names that take much room.
func crowded(services int, start time.Time) *snapshot.Snapshot {
	s := &snapshot.Snapshot{ID: "s", QueryID: "q", Start: start, End: start.Add(time.Minute), Coverage: snapshot.Coverage{Traces: 1}}
	group := func(id snapshot.Identity, weight float64) {
		s.Groups = append(s.Groups, &snapshot.Group{Identity: id, Slices: []snapshot.Slice{{Spans: 1, Traces: 1, Weight: weight / 7}}})
	}
	name := func(n int) string { return fmt.Sprintf("%04d", n) + strings.Repeat("<", 60) }
	for n := range services {
		group(snapshot.Identity{Kind: snapshot.Service, Value: name(n)}, float64(n))
		group(snapshot.Identity{Kind: snapshot.Operation, Service: name(n), Value: "GET"}, float64(n))
		group(snapshot.Identity{Kind: snapshot.Edge, CallerService: name(n), Caller: "GET", Service: name((n + 1) % services), Value: "GET"}, float64(n))
		s.Versions = append(s.Versions, snapshot.Version{Service: name(n), Version: "1", Weight: 1, First: start, Last: start})
	}
	return s
}

func size(t *testing.T, v any) int {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return len(text)
}

func TestCut(t *testing.T) {
	const most = 200 << 10
	g := New(crowded(2000, time.Unix(0, 0)))
	Cut(g, most)
	assert.True(t, g.Truncated)
	assert.Less(t, size(t, g), most)
	assert.NotEmpty(t, g.Calls)
	assert.NotEmpty(t, g.Edges)
	there := map[string]bool{}
	for _, n := range g.Services {
		there[n.Service] = true
	}
	assert.True(t, there["1999"+strings.Repeat("<", 60)], "what has most traffic stays")
	for _, e := range g.Calls {
		assert.True(t, there[e.FromService] && there[e.ToService], "%s calls %s", e.FromService, e.ToService)
	}
	assert.IsIncreasing(t, []string{g.Services[0].Service, g.Services[1].Service, g.Services[len(g.Services)-1].Service})

	small := New(crowded(20, time.Unix(0, 0)))
	whole := *small
	Cut(small, most)
	assert.Equal(t, whole, *small)
}

// Over many windows, what came or went stays, and the latest deployments.
func TestCutEvolution(t *testing.T) {
	const most = 200 << 10
	var f Follower
	for n := range 50 {
		s := crowded(200, time.Unix(int64(60*n), 0))
		if n == 49 {
			s.Groups = append(s.Groups, &snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Service, Value: "new"}, Slices: []snapshot.Slice{{Spans: 1, Traces: 1, Weight: 0.001}}})
			s.Versions = append(s.Versions, snapshot.Version{Service: "new", Version: "2", Weight: 1, First: s.Start, Last: s.Start})
		}
		f.Add(s)
	}
	e := f.Evolution()
	CutEvolution(e, most)
	assert.True(t, e.Truncated)
	assert.Less(t, size(t, e), most)
	assert.Len(t, e.Windows, 50)
	names := map[string]bool{}
	for _, p := range e.Parts {
		names[p.Service] = true
	}
	assert.True(t, names["new"], "little traffic, but it has appeared")
	assert.Greater(t, len(e.Parts), 50)
	require.NotEmpty(t, e.Deployments)
	assert.Equal(t, wire.Deployment{Service: "new", Version: "2", First: time.Unix(49*60, 0).UTC(), Last: time.Unix(49*60, 0).UTC(), Weight: 1}, e.Deployments[len(e.Deployments)-1])
}

func TestFourDigits(t *testing.T) {
	for x, want := range map[float64]float64{
		0: 0, -1: -1, 1.0 / 60: 0.01667, 0.3: 0.3, 12345.6: 12350, 123456: 123500, 1e18 / 3: 3.333e17, 1e-30 / 3: 1e-30 / 3, 1: 1, 999.96: 1000, math.Inf(1): math.Inf(1),
	} {
		assert.Equal(t, fmt.Sprint(want), fmt.Sprint(fourDigits(x)), x) // exactly, since that is how it is written
	}
}
