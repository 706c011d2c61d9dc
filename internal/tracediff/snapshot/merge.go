package snapshot

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Merge adds up two snapshots of one window of one query, which saw different traces: those of two collectors, or of one
// before and after a restart. Neither is changed, but the result may share memory with both. It is an error if the
// windows, definitions or keys differ.
//
// The result is what one collector would have made of all traces, with two exceptions: a trace whose spans went to both
// counts twice, and where one of them had reached a limit, what it folded stays folded.
func Merge(a, b *Snapshot) (*Snapshot, error) {
	switch {
	case a.QueryID != b.QueryID:
		return nil, fmt.Errorf("snapshots %s and %s: cannot be merged: they are of queries %q and %q", a.ID, b.ID, a.QueryID, b.QueryID)
	case !a.Start.Equal(b.Start) || !a.End.Equal(b.End) || a.Slice != b.Slice:
		return nil, fmt.Errorf("snapshots %s and %s: cannot be merged: one is from %v to %v in slices of %v, the other from %v to %v in slices of %v",
			a.ID, b.ID, a.Start, a.End, a.Slice, b.Start, b.End, b.Slice)
	case !a.Of.Same(b.Of):
		return nil, fmt.Errorf("snapshots %s and %s: cannot be merged: one is of %q, the other of %q", a.ID, b.ID, a.Of, b.Of)
	case !slices.Equal(a.Keys, b.Keys):
		return nil, fmt.Errorf("snapshots %s and %s: cannot be merged: they are grouped by %q and %q", a.ID, b.ID, a.Keys, b.Keys)
	}
	s := &Snapshot{
		ID: a.ID, QueryID: a.QueryID, Start: a.Start, End: a.End, State: mergedState(a.State, b.State),
		Keys: a.Keys, Slice: a.Slice, Coverage: a.Coverage, Of: a.Of,
	}
	if s.Of.Text == "" {
		s.Of = b.Of
	}
	if s.Completed = a.Completed; b.Completed.After(a.Completed) {
		s.Completed = b.Completed
	}
	add := b.Coverage.fields()
	for i, n := range s.Coverage.fields() {
		*n += *add[i]
	}
	s.Versions = MergeVersions(slices.Concat(a.Versions, b.Versions))
	s.Total = *mergeGroups(&a.Total, &b.Total)
	of := make(map[Identity]*Group, len(b.Groups))
	for _, g := range b.Groups {
		of[g.Identity] = g
	}
	for _, g := range a.Groups {
		if o := of[g.Identity]; o != nil {
			delete(of, g.Identity)
			g = mergeGroups(g, o)
		} else {
			only := *g // SetParents will change it
			g = &only
		}
		s.Groups = append(s.Groups, g)
	}
	for _, g := range b.Groups {
		if of[g.Identity] != nil {
			only := *g
			s.Groups = append(s.Groups, &only)
		}
	}
	SetParents(s.Groups)
	Sort(s.Groups)
	return s, nil
}

// mergedState is open while either is open, and complete if both are.
func mergedState(a, b State) State {
	switch {
	case a == Open || b == Open:
		return Open
	case a == Partial || b == Partial:
		return Partial
	}
	return Complete
}

// MergeVersions adds up the entries of one version, and sorts by service and version.
func MergeVersions(list []Version) []Version {
	type key struct{ service, version string }
	of := map[key]int{}
	var merged []Version
	for _, v := range list {
		k := key{v.Service, v.Version}
		at, ok := of[k]
		if !ok {
			of[k] = len(merged)
			merged = append(merged, v)
			continue
		}
		m := &merged[at]
		m.Weight += v.Weight
		if v.First.Before(m.First) {
			m.First = v.First
		}
		if v.Last.After(m.Last) {
			m.Last = v.Last
		}
	}
	slices.SortFunc(merged, func(a, b Version) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Version, b.Version))
	})
	return merged
}

// mergeGroups adds up two groups of one identity. Of their callers only the entry for roots is kept: SetParents finds the
// others in the edges.
func mergeGroups(a, b *Group) *Group {
	g := &Group{Identity: a.Identity, Exemplars: mergeExemplars(&a.Exemplars, &b.Exemplars)}
	g.Slices = mergeSlices(a.Slices, b.Slices)
	for _, h := range [...]struct{ to, a, b *Histogram }{{&g.Duration, &a.Duration, &b.Duration}, {&g.Self, &a.Self, &b.Self}} {
		h.to.Buckets = slices.Clone(h.a.Buckets)
		h.to.Merge(h.b)
	}
	var roots float64
	for _, p := range slices.Concat(a.Parents, b.Parents) {
		if p.Service == "" {
			roots += p.Weight
		}
	}
	if roots > 0 {
		g.Parents = []Calls{{Weight: roots}}
	}
	return g
}

func mergeSlices(a, b []Slice) []Slice {
	merged := make([]Slice, 0, max(len(a), len(b)))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Index < b[0].Index:
			merged, a = append(merged, a[0]), a[1:]
		case len(a) == 0 || b[0].Index < a[0].Index:
			merged, b = append(merged, b[0]), b[1:]
		default:
			sum := a[0]
			sum.Add(&b[0])
			merged, a, b = append(merged, sum), a[1:], b[1:]
		}
	}
	return merged
}

// mergeExemplars picks from both by the rules by which each has picked.
func mergeExemplars(a, b *Exemplars) (x Exemplars) {
	type slow struct {
		id       string
		duration int64
	}
	var slowest []slow
	for _, from := range [...]*Exemplars{a, b} {
		for i, id := range from.Slow {
			if i < len(from.SlowDurations) {
				slowest = append(slowest, slow{id, from.SlowDurations[i]})
			}
		}
	}
	slices.SortFunc(slowest, func(p, q slow) int {
		return cmp.Or(cmp.Compare(q.duration, p.duration), strings.Compare(p.id, q.id))
	})
	for _, s := range slowest {
		if len(x.Slow) < MaxExemplars && !slices.Contains(x.Slow, s.id) {
			x.Slow, x.SlowDurations = append(x.Slow, s.id), append(x.SlowDurations, s.duration)
		}
	}
	x.Error = lowestHashes(a.Error, b.Error)
	x.Random = lowestHashes(a.Random, b.Random)
	return x
}

func lowestHashes(a, b []string) (ids []string) {
	type hashed struct {
		hash uint64
		id   [16]byte
	}
	var all []hashed
	for _, text := range slices.Concat(a, b) {
		var id [16]byte
		if p, err := hex.DecodeString(text); err == nil && len(p) == len(id) {
			copy(id[:], p)
			all = append(all, hashed{ExemplarHash(id), id})
		}
	}
	slices.SortFunc(all, func(p, q hashed) int {
		return cmp.Or(cmp.Compare(p.hash, q.hash), bytes.Compare(p.id[:], q.id[:]))
	})
	for _, h := range slices.Compact(all) {
		if len(ids) < MaxExemplars {
			ids = append(ids, hex.EncodeToString(h.id[:]))
		}
	}
	return ids
}
