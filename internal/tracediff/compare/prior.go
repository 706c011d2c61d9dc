package compare

import "math"

// What is taken for granted where there is no history. Windows of healthy services differ by more than chance: caches fill,
// neighbours come and go, users do other things. These are standard deviations between windows, of the logarithm of a
// quantity. Without history they are taken as known, and an answer holds as far as they do.
const (
	priorLatency = 0.05 // geometric mean of durations
	priorWaiting = 0.10 // geometric mean of waiting times
	priorSlowest = 0.10 // arithmetic mean of durations
	priorErrors  = 0.05 // error share
	priorCalls   = 0.10 // calls per trace
)

// priorVariance is the stated variance between windows of a measure.
func priorVariance(m Measure) float64 {
	switch m {
	case Latency:
		return priorLatency * priorLatency
	case Waiting:
		return priorWaiting * priorWaiting
	case Slowest:
		return priorSlowest * priorSlowest
	case Errors:
		return priorErrors * priorErrors
	default:
		return priorCalls * priorCalls
	}
}

const (
	// minClusters and minFreedom: with fewer, a variance is a guess.
	minClusters = 5
	minFreedom  = 4
	// minTraces on each side: below, a mean of log durations is not yet normal, and ranks have to agree with it.
	minTraces = 20
	// leastTraces on each side: below, no order of the traces is unlikely enough to stand out among some hundred tests.
	leastTraces = 6
	// fewErrors and fewCalls: where a side has fewer effective traces, an exact test takes the place of one that needs
	// large numbers.
	fewErrors = 30
	fewCalls  = 30
	// priorFreedom is the weight, in degrees of freedom, of "traces come independently of each other" against what two
	// windows of 20 slices say of it, which have 19 each.
	priorFreedom = 38
	// plausibleDispersion is what independent traces in 20 slices do not exceed once in a hundred times.
	plausibleDispersion = 2
	// decisive is how many standard errors an effect must have to be flagged nine times of ten, among some hundred tests.
	// What has less power than that for a reference effect is "not enough data", not "same".
	decisive         = 4.3
	referenceErrors  = 0.015
	referenceLatency = 0.405 // ln 1.5
	referenceCalls   = 0.693 // ln 2
)

// logFloor is the floor of a ratio on a logarithmic scale.
func logFloor(ratio float64) float64 { return math.Log(max(1, ratio)) }
