package compare

import (
	"math"
	"slices"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// site is a place where time is spent or errors begin: the own time of an operation, without that of what it calls; the waiting on a
// call; the errors of an operation that none of its callees has.
type site struct {
	of      *pair
	measure Measure // Latency: own time; Waiting; Errors
	// lost is how much each trace of the query lost there, in s or in traces with an error; negative where it won.
	lost    float64
	flagged bool
	peers   [2]string // the services that may be at fault: that of the operation; of a call the callee and the caller
	change  int       // number in Diff.Changes; -1: none
}

// evident is the p from which on a site may explain what is flagged elsewhere. It need not pay for all tests: something did happen, and
// the question is where.
const evident = 0.01

// sites lists where time was lost or won (worse: lost), the own time of operations and the waiting on calls.
func (t *tester) sites(match []pair, changes *numbers, d *Diff, old *names, worse bool) (list []site) {
	delegates, beside := delegating(match), t.beside(match, worse)
	waited := map[operation]bool{} // client operations whose own time is the waiting on a call
	for i := range match {
		p := &match[i]
		if p.id.Kind == snapshot.Edge && p.sum[1].WaitWeight > 0 {
			waited[operation{p.id.CallerService, p.id.Caller}] = true
		}
	}
	for i := range match {
		p := old.before(&match[i])
		s := site{of: p, change: -1}
		switch {
		case p.b == nil:
			continue
		case p.id.Kind == snapshot.Edge && p.sum[1].WaitWeight > 0:
			s.measure, s.peers = Waiting, [2]string{p.id.Service, p.id.CallerService}
		case p.id.Kind == snapshot.Operation && !waited[operation{p.id.Service, p.id.Value}]:
			s.measure, s.peers = Latency, [2]string{p.id.Service, ""}
		default:
			continue
		}
		of := operation{p.id.Service, p.id.Value}
		if !t.lost(&s, worse) || !worse && delegates[of] && !t.faster(p) {
			continue
		}
		if s.measure == Latency && beside[of]*parallelLoss >= math.Abs(s.lost) {
			continue
		}
		if n, ok := changes.of(i, s.measure); ok {
			s.change, s.flagged = n, d.Changes[n].Flagged
		} else if n, ok := changes.of(i, Presence); ok {
			s.change, s.flagged = n, d.Changes[n].Flagged
		}
		if s.change >= 0 {
			list = append(list, s)
		}
	}
	return t.withoutRenamed(list, match)
}

// withoutRenamed leaves out what is new where something else that took as long is missing: what has another name, or runs elsewhere, is no
// loss, and nor is what those that call it were busy with before. Half of it may be missing still.
func (t *tester) withoutRenamed(list []site, match []pair) []site {
	var fresh, gone float64
	for i := range list {
		if list[i].of.a == nil {
			fresh += list[i].lost
		}
	}
	if fresh == 0 || !(t.sides[0].sum.TraceWeight > 0) {
		return list
	}
	delegates := delegating(match)
	for i := range match {
		p := &match[i]
		if p.id.Kind != snapshot.Operation || p.a == nil {
			continue
		}
		t.x.logSelf(p.a)
		own := math.Exp(t.x.ratio().value) / 1e9 * p.sum[0].Weight / t.sides[0].sum.TraceWeight
		switch {
		case p.b == nil:
			gone += own
		case delegates[operation{p.id.Service, p.id.Value}]:
			t.y.logSelf(p.b)
			if now := math.Exp(t.y.ratio().value) / 1e9 * p.sum[1].Weight / t.sides[1].sum.TraceWeight; now*t.thresholds.MinLatencyRatio <= own {
				gone += own - now
			}
		}
	}
	if 2*gone < fresh {
		return list
	}
	return slices.DeleteFunc(list, func(s site) bool { return s.of.a == nil })
}

// delegating are the operations that call what they did not call before. Less time of their own need not make them faster.
func delegating(match []pair) map[operation]bool {
	list := map[operation]bool{}
	for i := range match {
		if p := &match[i]; p.id.Kind == snapshot.Edge && p.a == nil {
			list[operation{p.id.CallerService, p.id.Caller}] = true
		}
	}
	return list
}

// faster tells whether spans are shorter as a whole.
func (t *tester) faster(p *pair) bool {
	before, after := geometric(p.sum[0].LogDuration, p.sum[0].Weight), geometric(p.sum[1].LogDuration, p.sum[1].Weight)
	return after*t.thresholds.MinLatencyRatio <= before
}

// lost fills in what traces lost at a site; false where that is not evident.
func (t *tester) lost(s *site, worse bool) bool {
	traces := t.sides[1].sum.TraceWeight
	if !(traces > 0) {
		return false
	}
	load := (*clustered).logSelf
	if s.measure == Waiting {
		load = (*clustered).logWaits
	}
	load(&t.y, s.of.b)
	after := t.y.ratio()
	calls := s.of.sum[1].Weight / traces
	if s.of.a == nil { // a new one: all of it is lost
		s.lost = math.Exp(after.value) / 1e9 * calls
		return worse
	}
	load(&t.x, s.of.a)
	before := t.x.ratio()
	if !t.known(before) || !t.known(after) {
		return false
	}
	f := unknown(s.measure, Slower)
	f.logRatio(before, after, t.between(s.of.id, s.measure), part.twoSided)
	s.lost = t.costlier(s, math.Exp(after.value)-math.Exp(before.value)) / 1e9 * calls
	return f.p <= evident && (f.difference > 0) == worse && math.Abs(f.difference) >= logFloor(t.thresholds.MinLatencyRatio)
}

// costlier is by how much longer a call takes at a site, ns, given the difference of geometric means. It is that of arithmetic means, since
// a few calls that take long cost as much as many that take a little longer, unless the two disagree on the direction. Own times
// are known as a histogram only, of whole windows: for a part of one the geometric mean has to do.
func (t *tester) costlier(s *site, geometric float64) float64 {
	var arithmetic float64
	switch {
	case s.measure == Waiting:
		arithmetic = s.of.sum[1].Wait/s.of.sum[1].WaitWeight - s.of.sum[0].Wait/s.of.sum[0].WaitWeight
	case !t.part:
		arithmetic = selfMean(&s.of.b.Self) - selfMean(&s.of.a.Self)
	}
	if arithmetic*geometric > 0 {
		return arithmetic
	}
	return geometric
}

// logSelf are the clusters whose ratio is the mean of the logarithm of the own time.
func (c *clustered) logSelf(g *snapshot.Group) {
	c.reset()
	for i := range g.Slices {
		c.add(g.Slices[i].LogSelf, g.Slices[i].Weight)
	}
}
