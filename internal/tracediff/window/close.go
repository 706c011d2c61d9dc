package window

import (
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Window is what the engine has seen of a window, and when it watched.
type Window struct {
	*snapshot.Snapshot
	From   time.Time // after Start where the query was added, or the collector started, within the window
	Missed bool      // spans may have been missed since, because the collector was away or the clock leapt
}

// window is the window as it stands. See snapshot for last. The lock is held.
func (g *aggregate) window(last bool) Window {
	return Window{Snapshot: g.snapshot(last), From: time.Unix(0, g.from).UTC(), Missed: g.missed}
}

// snapshot makes what is summed up a Snapshot, in state Open. With last, groups are let go of one by one, so that both do not
// stand in memory at a time; the aggregate is of no use afterwards. The lock is held.
func (g *aggregate) snapshot(last bool) *snapshot.Snapshot {
	start := time.Unix(0, g.start).UTC()
	s := &snapshot.Snapshot{
		ID: snapshot.NewID(g.calendar.ID, start), QueryID: g.calendar.ID, Of: snapshot.Definition{Text: g.calendar.Text, Scope: string(g.calendar.Scope)},
		Start: start, End: time.Unix(0, g.end).UTC(), State: snapshot.Open,
		Keys: slices.Clone(g.calendar.Keys), Slice: time.Duration(g.slice),
		Versions: g.versionList(), Coverage: g.coverage,
	}
	if last {
		g.services, g.operations, g.edges, g.paths, g.values, g.numbered = nil, nil, nil, nil, nil, nil
	}
	var c copier
	s.Total = c.group(&snapshot.Identity{Kind: snapshot.Total}, g.total)
	s.Groups = make([]*snapshot.Group, 0, len(g.groups))
	made := make([]snapshot.Group, 0, len(g.groups))
	for id, from := range g.groups { // their order is that of Sort below
		made = append(made, c.group(&id, from))
		s.Groups = append(s.Groups, &made[len(made)-1])
		if last {
			delete(g.groups, id)
		}
	}
	snapshot.SetParents(s.Groups)
	snapshot.Sort(s.Groups)
	return s
}

// copier makes groups whose slices and buckets share few allocations.
type copier struct {
	slices  []snapshot.Slice
	buckets []snapshot.Bucket
}

// chunk is how many slices or buckets are allocated at a time.
const chunk = 4096

func (c *copier) group(id *snapshot.Identity, from *group) snapshot.Group {
	to := snapshot.Group{Identity: *id, Exemplars: from.exemplars.snapshot()}
	if from.roots > 0 {
		to.Parents = []snapshot.Calls{{Weight: from.roots}}
	}
	if cap(c.slices)-len(c.slices) < maxSlices {
		c.slices = make([]snapshot.Slice, 0, chunk/8)
	}
	at := len(c.slices)
	c.slices = from.snapshot(c.slices)
	to.Slices = c.slices[at:len(c.slices):len(c.slices)]
	to.Duration.Buckets = c.histogram(&from.duration)
	to.Self.Buckets = c.histogram(&from.self)
	return to
}

func (c *copier) histogram(h *histogram) []snapshot.Bucket {
	if n := h.size(); cap(c.buckets)-len(c.buckets) < n {
		c.buckets = make([]snapshot.Bucket, 0, max(chunk, n))
	}
	at := len(c.buckets)
	c.buckets = h.buckets(c.buckets)
	if at == len(c.buckets) {
		return nil
	}
	return c.buckets[at:len(c.buckets):len(c.buckets)]
}

// versionList is the versions seen, in the order of a Snapshot.
func (g *aggregate) versionList() []snapshot.Version {
	seen := make([]snapshot.Version, 0, len(g.versions))
	for _, v := range g.versions {
		if v.version != "" {
			seen = append(seen, v.snapshot())
		}
	}
	return snapshot.MergeVersions(seen)
}

func (v *version) snapshot() snapshot.Version {
	return snapshot.Version{
		Service: v.service, Version: v.version, Weight: v.weight, First: time.Unix(0, v.first).UTC(), Last: time.Unix(0, v.last).UTC(),
	}
}
