package snapshot

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOnlySnapshotsOfOneWindowAreMerged(t *testing.T) {
	start := time.Unix(600, 0).UTC()
	of := func(change func(*Snapshot)) *Snapshot {
		s := &Snapshot{ID: "q-1", QueryID: "q", Start: start, End: start.Add(time.Minute), Slice: 3 * time.Second, Keys: []string{"a"}}
		change(s)
		return s
	}
	same := of(func(*Snapshot) {})
	for want, other := range map[string]*Snapshot{
		`are of queries "q" and "r"`:         of(func(s *Snapshot) { s.QueryID = "r" }),
		"one is from 1970-01-01 00:10:00":    of(func(s *Snapshot) { s.Start = start.Add(time.Minute) }),
		"in slices of 3s, the other":         of(func(s *Snapshot) { s.Slice = time.Second }),
		`are grouped by ["a"] and ["a" "b"]`: of(func(s *Snapshot) { s.Keys = []string{"a", "b"} }),
	} {
		_, err := Merge(same, other)
		require.ErrorContains(t, err, want)
	}
	_, err := Merge(same, same)
	require.NoError(t, err)
}

func TestStateOfMergedSnapshots(t *testing.T) {
	for want, states := range map[State][][2]State{
		Complete: {{Complete, Complete}},
		Partial:  {{Complete, Partial}, {Partial, Partial}},
		Open:     {{Complete, Open}, {Partial, Open}, {Open, Open}},
	} {
		for _, s := range states {
			for range 2 {
				m, err := Merge(&Snapshot{State: s[0]}, &Snapshot{State: s[1]})
				require.NoError(t, err)
				assert.Equal(t, want, m.State, s)
				s[0], s[1] = s[1], s[0]
			}
		}
	}
}

// Merging leaves both sides as they were: their owners may go on using them.
func TestMergeChangesNeither(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anySnapshot.Draw(t, "a"), anySnapshot.Draw(t, "b")
		b.QueryID, b.Of, b.Start, b.End, b.Slice, b.Keys = a.QueryID, a.Of, a.Start, a.End, a.Slice, a.Keys
		before := [2][]byte{}
		for i, s := range []*Snapshot{a, b} {
			data, err := Encode(s)
			require.NoError(t, err)
			before[i] = data
		}
		merged, err := Merge(a, b)
		require.NoError(t, err)
		for _, g := range merged.Groups { // and neither does who changes the result's groups
			g.Parents = append(g.Parents, Calls{})
		}
		for i, s := range []*Snapshot{a, b} {
			data, err := Encode(s)
			require.NoError(t, err)
			require.Equal(t, before[i], data)
		}
		require.Equal(t, a.Coverage.Spans+b.Coverage.Spans, merged.Coverage.Spans)
	})
}

func TestMergedVersions(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	got := MergeVersions([]Version{
		{Service: "shop", Version: "2", Weight: 1, First: at(5), Last: at(6)},
		{Service: "cart", Version: "1", Weight: 2, First: at(1), Last: at(2)},
		{Service: "shop", Version: "2", Weight: 3, First: at(3), Last: at(9)},
	})
	require.Equal(t, []Version{
		{Service: "cart", Version: "1", Weight: 2, First: at(1), Last: at(2)},
		{Service: "shop", Version: "2", Weight: 4, First: at(3), Last: at(9)},
	}, got)
}

func TestParentsAreTheBusiestCallers(t *testing.T) {
	operation := &Group{Identity: Identity{Kind: Operation, Service: "db", Value: "SELECT"}, Parents: []Calls{{Weight: 0.5}, {Service: "old", Weight: 99}}}
	groups := []*Group{operation}
	for i, caller := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		groups = append(groups, &Group{
			Identity: Identity{Kind: Edge, Service: "db", Value: "SELECT", CallerService: "shop", Caller: caller}, Slices: []Slice{{Weight: float64(i)}},
		})
	}
	SetParents(groups)
	require.Equal(t, []Calls{{Weight: 0.5}, {"shop", "g", 6}, {"shop", "f", 5}, {"shop", "e", 4}, {"shop", "d", 3}, {"shop", "c", 2}}, operation.Parents)
}
