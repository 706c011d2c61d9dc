package compare

import "github.com/assayhq/assay/internal/tracediff/snapshot"

// The window before may be the one in which a change began, and then it is no measure of what is usual: half of it is as before and half
// of it as after. The windows before that one are, and several of them tell more exactly what is usual than one. So where a query is compared
// with its previous window, each test is made against them as well, and the surer of the two counts. They share the level.
const earlierShare = 0.4 // of the level; as much is left for the whole window before

// shares says which part of the level is left for the test of a whole window.
func (t *tester) wholeShare() float64 {
	if t.earlier != nil {
		return wholeShare - earlierShare
	}
	return wholeShare
}

// againstEarlier makes a test of the group against the windows before A; not tested where these do not have it.
func (t *tester) againstEarlier(m Measure, p *pair) finding {
	wide, cut := *t, *p
	wide.scan, wide.earlier = nil, nil
	wide.sides[0] = t.usual
	cut.a = t.earlier.group(p.id)
	if cut.a == nil || cut.b == nil {
		return unknown(m, "")
	}
	cut.sum[0] = cut.a.Sum()
	if p.callers[0] != nil && p.callers[1] != nil {
		cut.callers[0] = t.earlier.group(caller(&p.id))
	}
	f := wide.measured(m, &cut)
	f.cost(earlierShare, 1)
	f.figures = &[2]Absolute{absolute(&wide.sides[0], cut.a, &cut.sum[0]), absolute(&wide.sides[1], cut.b, &cut.sum[1])}
	return f
}

// presenceAgainstEarlier tests whether a group is new or missing against the windows before A. One that A lacks and they have has only
// come back.
func (t *tester) presenceAgainstEarlier(whole finding, p *pair) finding {
	wide, cut := *t, *p
	wide.scan, wide.earlier = nil, nil
	wide.sides[0] = t.usual
	cut.a = t.earlier.group(p.id)
	cut.sum[0] = sumOf(cut.a)
	if (cut.a == nil) == (cut.b == nil) {
		if p.a == nil && cut.a != nil {
			whole.p, whole.verdict = 1, ""
		}
		return whole
	}
	f := wide.presence(&cut)
	f.cost(earlierShare, 1)
	if !f.tested || whole.tested && whole.p <= f.p {
		return whole
	}
	f.figures = &[2]Absolute{absolute(&wide.sides[0], cut.a, &cut.sum[0]), absolute(&wide.sides[1], cut.b, &cut.sum[1])}
	return f
}

func sumOf(g *snapshot.Group) snapshot.Slice {
	if g == nil {
		return snapshot.Slice{}
	}
	return g.Sum()
}
