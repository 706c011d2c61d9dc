package compare

import "math"

// sureGone is the logarithm of the odds, some 150 to 1, from which on a change is taken to be over.
const sureGone = 5

// returned is what a window says on whether a change is over, as the logarithm of how much likelier the window is without the change
// than with it. known is false where the window does not say anything. Summed up and kept from falling below 0 it is the cumulative
// sum of E. S. Page (Biometrika 41, 1954).
func returned(f *followed, x *finding) (evidence float64, known bool) {
	if f.Change.Measure == Presence {
		return presenceReturned(f, x)
	}
	if x.of.b == nil {
		return vanished(f, x)
	}
	variance := x.sampling + x.windows // within windows it may be 0, where every request makes the same calls
	if !x.tested || !(variance > 0) {
		return 0, false
	}
	if x.measure == Slowest {
		// A window in which the few long calls are fewer by chance varies little, and would look sure that there are none any more.
		variance = max(variance, f.Sampling+x.windows)
	}
	effect := f.Size
	return (effect*effect/2 - effect*x.difference) / variance, true
}

// vanished asks whether a group that changed is not there any more: the logarithm of how much likelier that is with as few calls as there are
// without the change, if their number is Poisson's. What is not called has no other change either.
func vanished(f *followed, x *finding) (evidence float64, known bool) {
	more := f.Change.B.PerTrace
	if f.Change.Measure == CallRate {
		more -= f.Change.A.PerTrace
	}
	return more * x.exposed, x.exposed > 0
}

// presenceReturned asks of a new group whether it stays away, and of a missing one whether it is back. One that comes as often as it did
// stays away from a window with the probability of a Poisson count.
func presenceReturned(f *followed, x *finding) (evidence float64, known bool) {
	there := x.of.b != nil
	if f.Change.Verdict == Missing {
		if !there {
			return -sureGone, x.exposed > 0
		}
		return min(sureGone, float64(x.of.sum[1].Traces)), true
	}
	if there {
		return -sureGone, true
	}
	return f.Change.Effect * x.exposed, x.exposed > 0 // its effect is its share of the traces
}

// confirmed is the p of a run of windows in which a change was flagged, against the windows before it. The first window of the run chose
// this change among all tests, so that its evidence counts for that many times less; later windows had to choose among those that were
// suspected by then, which confirm accounts for. Either way of looking at it pays for the other.
func confirmed(first, later *finding, tests int) float64 {
	p := 1.0
	if first != nil && first.tested {
		p = min(p, first.p*float64(max(1, tests)))
	}
	if later == nil {
		return p
	}
	p *= 2
	if later.tested {
		p = min(p, 2*later.p)
	}
	return min(1, p)
}

// unknown says that nothing was tested.
func (c *Change) unknown() {
	c.Effect, c.Low, c.High, c.P, c.Q = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
}

// take takes over what was found: figures, and the numbers of a test of the same measure. Of a group that is not there, only that could
// be tested.
func (c *Change) take(x *finding) {
	c.A, c.B = x.of.before, x.of.after
	c.unknown()
	if x.tested && x.measure == c.Measure {
		c.Effect, c.Low, c.High, c.P, c.Q = x.effect, x.low, x.high, x.p, x.p
	}
}

// keep takes a change as what is followed, without what is about one comparison only.
func (f *followed) keep(c *Change) {
	f.Change = *c
	f.Change.part, f.Change.pair = nil, 0
}
