package compare

import (
	"context"
	"errors"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Windows finds the windows of one query.
type Windows interface {
	// Snapshot reads a finished window; nil if it is there no more.
	Snapshot(ctx context.Context, id string) (*snapshot.Snapshot, error)
	// Before reads the latest finished window that begins before a time; nil if there is none.
	Before(ctx context.Context, start time.Time) (*snapshot.Snapshot, error)
}

// mostPooled is how many windows are put together, of what was before a change and of what came after.
const mostPooled = 5

// bundle is several windows of one query put together, to be compared as one.
type bundle struct {
	windows []*snapshot.Snapshot
	groups  []map[snapshot.Identity]*snapshot.Group // of each window
}

func newBundle(windows []*snapshot.Snapshot) *bundle {
	p := &bundle{windows: windows}
	for _, w := range windows {
		of := make(map[snapshot.Identity]*snapshot.Group, len(w.Groups))
		for _, g := range w.Groups {
			of[g.Identity] = g
		}
		p.groups = append(p.groups, of)
	}
	return p
}

// exposure of the bundle. Windows that follow each other resemble each other, so that n of them are taken for (n + 1) / 2.
func (p *bundle) exposure() exposure {
	e := exposure{snapshot: p.windows[0], total: p.group(snapshot.Identity{Kind: snapshot.Total}), share: 2 / float64(len(p.windows)+1)}
	e.sum = e.total.Sum()
	for _, w := range p.windows {
		e.seconds += w.End.Sub(w.Start).Seconds()
	}
	return e
}

// group is that of all windows: their slices one after the other, and their durations; nil if none has it.
func (p *bundle) group(id snapshot.Identity) *snapshot.Group {
	g := p.slices(id, new(snapshot.Group))
	if g != nil {
		p.durations(g)
	}
	return g
}

// slices puts those of a group into all; nil if no window has it. Its exemplars are those of the first window that has it.
func (p *bundle) slices(id snapshot.Identity, all *snapshot.Group) *snapshot.Group {
	found := false
	var offset uint32
	for i, w := range p.windows {
		if g := p.of(i, &id); g != nil {
			if !found {
				found = true
				*all = snapshot.Group{Identity: id, Exemplars: g.Exemplars, Slices: all.Slices[:0]}
			}
			for _, s := range g.Slices {
				s.Index += offset
				all.Slices = append(all.Slices, s)
			}
		}
		offset += uint32(w.Slices())
	}
	if !found {
		return nil
	}
	return all
}

// durations gives a group those of all windows.
func (p *bundle) durations(all *snapshot.Group) {
	all.Duration = snapshot.Histogram{}
	for i := range p.windows {
		if g := p.of(i, &all.Identity); g != nil {
			all.Duration.Merge(&g.Duration)
		}
	}
}

// of is the group of one window; nil if that does not have it.
func (p *bundle) of(window int, id *snapshot.Identity) *snapshot.Group {
	if id.Kind == snapshot.Total {
		return &p.windows[window].Total
	}
	return p.groups[window][*id]
}

// testBundles makes one test of a group between two bundles.
func testBundles(a, b *bundle, id snapshot.Identity, m Measure, h *History, t Thresholds) *finding {
	p := pair{id: id, a: a.group(id), b: b.group(id)}
	if id.Kind == snapshot.Edge {
		p.callers = [2]*snapshot.Group{a.group(caller(&id)), b.group(caller(&id))}
	}
	p.sums()
	at := &tester{sides: [2]exposure{a.exposure(), b.exposure()}, history: h, thresholds: t}
	var f finding
	switch {
	case p.a == nil && p.b == nil:
		f = unknown(m, "")
		f.exposed = effective(at.sides[1].sum.TraceWeight, at.sides[1].sum.TraceWeight2)
	case p.a != nil && p.b != nil && m != Presence:
		f = at.measured(m, &p)
	case p.a == nil || p.b == nil:
		f = at.presence(&p)
	default:
		f = unknown(Presence, "") // it is there on both sides
	}
	f.of = &p
	p.before, p.after = absolute(&at.sides[0], p.a, &p.sum[0]), absolute(&at.sides[1], p.b, &p.sum[1])
	return &f
}

// mostPassed is how many windows are looked at for those to put together.
const mostPassed = 2 * mostPooled

// preceding finds the windows before a change: the one that it was seen against, and complete ones before it in which no other change
// held that is over.
func (t *Tracker) preceding(ctx context.Context, from *snapshot.Snapshot, w Windows) ([]*snapshot.Snapshot, error) {
	list := []*snapshot.Snapshot{from}
	at := from.Start
	for range mostPassed {
		s, err := w.Before(ctx, at)
		if err != nil || s == nil {
			return list, err
		}
		at = s.Start
		past := t.changed(s)
		if s.State != snapshot.Complete || s.Slice != from.Slice || idle(s) || past != nil && past.Stays {
			break
		}
		if past == nil {
			list = append(list, s)
		}
		if len(list) == mostPooled {
			break
		}
	}
	return list, nil
}

// load reads windows by id; those that are gone are left out.
func load(ctx context.Context, ids []string, w Windows) (list []*snapshot.Snapshot, err error) {
	for _, id := range ids {
		s, failed := w.Snapshot(ctx, id)
		err = errors.Join(err, failed)
		if s != nil {
			list = append(list, s)
		}
	}
	return list, err
}
