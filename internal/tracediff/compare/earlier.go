package compare

// The window before may be the one in which a change began, and then it is no measure of what is usual: half of it is as before and half
// of it as after. The windows before that one are, and several of them tell more exactly what is usual than one. So where a query is compared
// with its previous window, each test is made against them as well, and the surer of the two counts. They share the level.
const earlierShare = 0.4 // of the level; as much is left for the whole window before

// wholeShare is which part of the level is left for the test of a whole window.
func (t *tester) wholeShare() float64 {
	if t.earlier != nil {
		return wholeShare - earlierShare
	}
	return wholeShare
}

// earlier are the windows before A, and a group as it is seen against them instead of A.
type earlier struct {
	windows *bundle
	all     exposure
	glance  glance
	found   *[2]Absolute // figures of the group; nil: nobody asked for them yet
}

func newEarlier(b *bundle) *earlier { return &earlier{windows: b, all: b.exposure()} }

// fresh is one of the same windows with scratch of its own.
func (e *earlier) fresh() *earlier { return &earlier{windows: e.windows, all: e.all} }

// look looks at a group, for all that is tested on it.
func (e *earlier) look(t *tester, p *pair) {
	g := &e.glance
	g.look(t, p, 0, &e.all)
	g.set(e.windows.slices(p.id, &g.group))
	if p.callers[0] != nil && p.callers[1] != nil {
		g.of.callers[0] = e.windows.slices(caller(&p.id), &g.caller)
	}
	e.found = nil
}

// figures of the group, with those of the windows before as A.
func (e *earlier) figures() *[2]Absolute {
	if e.found == nil {
		if g := &e.glance; g.of.a != nil {
			e.windows.durations(g.of.a)
		}
		e.found = e.glance.figures()
	}
	return e.found
}

// measured makes a test; not tested where the windows before do not have the group.
func (e *earlier) measured(m Measure) finding {
	g := &e.glance
	if g.of.a == nil || g.of.b == nil {
		return unknown(m, "")
	}
	f := g.by.measured(m, &g.of)
	f.cost(earlierShare, 1)
	f.figures = e.figures()
	return f
}

// presence tests whether the group is new or missing. One that A lacks and the windows before it have has only come back.
func (e *earlier) presence(whole finding, p *pair) finding {
	g := &e.glance
	if (g.of.a == nil) == (g.of.b == nil) {
		if p.a == nil && g.of.a != nil {
			whole.p, whole.verdict = 1, ""
		}
		return whole
	}
	f := g.by.presence(&g.of)
	f.cost(earlierShare, 1)
	if !f.tested || whole.tested && whole.p <= f.p {
		return whole
	}
	f.figures = e.figures()
	return f
}
