package tailsampling

import "time"

// allowance turns a budget into tokens. A token is one span, trace or byte that may be kept.
//
// Tokens are earned steadily (or, for a percentage, with every span that comes up for decision) into a bucket of
// some seconds' depth, and a window of the last 10 s caps what is spent in it: unused tokens carry over for a
// while, yet no 10 s see more than their budget. Spending may go below zero: a debt, paid before anything else is kept.
type allowance struct {
	budget Budget
	tokens float64
	rate   float64                 // decayed tokens earned a second
	trace  float64                 // usual cost of a trace
	traces float64                 // that it was learned from, up to a hundred
	seen   float64                 // seconds that the rate of a percentage was learned from, up to its memory
	slots  [allowanceSlots]float64 // spent in each part of the window
	slot   int64                   // number of the current one
	spent  float64                 // over the window
}

const (
	allowanceSlots  = 100  // of selectInterval
	allowanceWindow = 10.0 // seconds that they cover
	// The bucket holds some seconds of budget. A percentage promises no rate, so it may carry more over; a rate that was
	// spent in a burst has nothing left until the burst leaves the window, which should not take long.
	depthOfRate    = 2.0
	depthOfPercent = 5.0
	// maxDebt is in seconds of budget, also for what keep rules owe: they may exceed the budget for ever.
	maxDebt = 10.0
	// leastTraces is how many traces the bucket of a percentage holds at least: in sparse traffic some seconds earn less than one.
	leastTraces = 5
)

func newAllowance(b Budget) allowance {
	a := allowance{budget: b}
	if b.Unit != SharePercent {
		a.rate = b.Value
		a.tokens = a.depth() / 2
	}
	return a
}

// worth is what a time, and the cost of what has come up for decision in it, earn.
func (a *allowance) worth(since time.Duration, offered float64) float64 {
	if a.budget.Unit == SharePercent {
		return offered * a.budget.Value / 100
	}
	return a.budget.Value * since.Seconds()
}

// earn adds what the time since the last call is worth.
func (a *allowance) earn(now, since time.Duration, offered float64) {
	a.turn(now)
	e := a.worth(since, offered)
	if a.budget.Unit == SharePercent {
		a.learnRate(e, max(since.Seconds(), 1e-3))
	}
	a.tokens = min(a.tokens+e, max(e, a.depth()))
}

// learnRate follows what a percentage earns a second. The bucket starts half full, and stays as full as it is while the
// rate is still being found out.
func (a *allowance) learnRate(earned, seconds float64) {
	level := a.level()
	if a.rate == 0 { // nothing has been earned yet
		a.seen = 0
	}
	a.seen = min(a.seen+seconds, depthOfPercent)
	a.rate += min(1, seconds/a.seen) * (earned/seconds - a.rate)
	if a.seen < depthOfPercent {
		a.tokens = level * a.depth()
	}
}

// soon is what would be available after earning.
func (a *allowance) soon(now, since time.Duration, offered float64) float64 {
	a.turn(now)
	return a.inWindow(a.tokens + a.worth(since, offered))
}

// turn moves the window.
func (a *allowance) turn(now time.Duration) {
	to := int64(now / selectInterval)
	if to-a.slot > allowanceSlots {
		a.slot = to - allowanceSlots
	}
	for a.slot < to {
		a.slot++
		s := &a.slots[a.slot%allowanceSlots]
		a.spent -= *s
		*s = 0
	}
}

// available is what may be spent now; zero or less is debt. A percentage has no window: it promises no rate.
func (a *allowance) available() float64 { return a.inWindow(a.tokens) }

// inWindow cuts tokens to what the window still allows.
func (a *allowance) inWindow(tokens float64) float64 {
	if a.budget.Unit == SharePercent {
		return tokens
	}
	return min(tokens, allowanceWindow*a.rate-a.spent)
}

// used is the share of the window's budget that was spent.
func (a *allowance) used() float64 {
	if a.rate <= 0 {
		return 0
	}
	return a.spent / (allowanceWindow * a.rate)
}

// learnTrace takes in the cost of a trace.
func (a *allowance) learnTrace(cost float64) {
	a.traces = min(a.traces+1, 100)
	a.trace += (cost - a.trace) / a.traces
}

// depth is what the bucket holds.
func (a *allowance) depth() float64 {
	if a.budget.Unit == SharePercent {
		return max(depthOfPercent*a.rate, leastTraces*a.trace)
	}
	return depthOfRate * a.rate
}

// level is how full the bucket is, 0 to 1.
func (a *allowance) level() float64 {
	depth := a.depth()
	if depth <= 0 || a.rate == 0 {
		return 0.5
	}
	return min(1, max(0, a.tokens/depth))
}

// spend takes tokens.
func (a *allowance) spend(cost float64) {
	a.tokens = max(a.tokens-cost, -maxDebt*a.rate)
	a.slots[a.slot%allowanceSlots] += cost
	a.spent += cost
}
