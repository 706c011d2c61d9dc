package tailsampling

import (
	"math"
	"math/bits"

	"github.com/assayhq/assay/internal/tracesketch"
)

// sign is what makes a trace interesting.
type sign uint8

const (
	signLatency sign = iota
	signError
	signRarity
	signCount
	signNone = signCount
)

func (s sign) String() string {
	return [...]string{"latency", "error", "rarity", "baseline"}[s]
}

// signs holds a weight for each sign.
type signs [signCount]float64

// judgement is what the learned state makes of one trace.
type judgement struct {
	signs signs
	path  tracesketch.Path
}

// judge weighs a trace against what was usual before it, then learns from it. Each sign is zero where there is nothing to
// see, and grows as (1 + x) to a steep exponent, times that of Interest:
//
//   - latency: x is the unexplained time, the sum over spans of exclusive time beyond the operation's usual 98th percentile,
//     over what is usual for the endpoint. It grows with the damage, where tail probabilities saturate.
//   - error: x is how surprising the most surprising error is for its operation, in bits.
//   - rarity: x is how rare the path is, or its rarest operation, or so many spans of one operation in a trace, in bits.
func (l *learned) judge(in Interest, spans []tracesketch.Span, s *tracesketch.Structure, analysis uint32) judgement {
	end := l.endpoint(s.Endpoint)
	stats, id := l.path(s.Path, s.Endpoint)
	total := l.anyEnd.duration.Count()

	var unexplained, errorSurprise float64
	rarest := math.Inf(1) // least count of an operation, or of the path
	for i := range spans {
		op := l.operation(tracesketch.Operation(spans[i].Operation))
		unexplained += max(0, float64(s.Self[i])-l.usualSelf(op))
		if op.seen != analysis {
			op.seen, op.spans = analysis, 0
			l.walked = append(l.walked, op)
			rarest = min(rarest, op.traces.Count(l.decay))
			op.traces.Add(1, l.decay)
			l.uses.Add(1, l.decay)
		}
		op.spans++
		if spans[i].Flags&tracesketch.FlagError != 0 && op.err != analysis {
			op.err = analysis
			errorSurprise = max(errorSurprise, l.errorSurprise(op))
			op.failed.Add(1, l.decay)
			l.failures.Add(1, l.decay)
		}
		op.add(l, s.Self[i])
		l.anyOp.add(l, s.Self[i])
	}
	rarity := max(surprise(min(rarest, stats.traces.Count(l.decay)), total), l.repetition())

	j := judgement{path: id, signs: signs{
		signLatency: steep(unexplained/l.usualLoss(end), latencySteepness*in.Latency),
		signError:   steep(errorSurprise, errorSteepness*in.Error),
		signRarity:  steep(rarity, raritySteepness*in.Rarity),
	}}

	stats.traces.Add(1, l.decay)
	if s.Errors > 0 {
		stats.failed.Add(1, l.decay)
		end.failed.Add(1, l.decay)
	}
	l.observe(&stats.duration, s.Duration)
	end.add(l, s.Duration, unexplained)
	l.anyEnd.add(l, s.Duration, unexplained)

	return j
}

// repetition is the surprise of the most unusual number of spans of one operation, among the traces with that operation:
// retries and loops leave the path as it is. It learns, too, and forgets which operations the trace had.
func (l *learned) repetition() float64 {
	most := 0.0
	for _, op := range l.walked {
		steps := min(bits.Len32(op.spans)-1, repeatSteps)
		if steps > 0 {
			others := op.traces.Count(l.decay) - 1
			most = max(most, surprise(op.repeat[steps-1].Count(l.decay), others))
		}
		for s := range steps {
			op.repeat[s].Add(1, l.decay)
		}
	}
	clear(l.walked)
	l.walked = l.walked[:0]
	return most
}

// steep turns how far out something is into a weight: zero where it is not, or where the exponent switches the sign off.
func steep(x, exponent float64) float64 {
	return min(math.Pow(1+x, exponent)-1, maxWeight)
}

// usualSelf is the exclusive time, ns, beyond which a span of op is slow.
func (l *learned) usualSelf(op *operationStats) float64 {
	if op.self.Count() >= minObservations {
		return op.high
	}
	return max(op.high, l.anyOp.high)
}

// usualLoss is the unexplained time, ns, that is not yet remarkable for an endpoint: a part of its median duration, and its
// own tail.
func (l *learned) usualLoss(end *endpointStats) float64 {
	if end.duration.Count() < minObservations {
		end = &l.anyEnd
	}
	return max(1e3, lossOfMedian*end.median+end.tail)
}

// errorSurprise is the surprise of an error of op. The less is known of op, the more the error rate of all counts.
func (l *learned) errorSurprise(op *operationStats) float64 {
	const prior = 10
	rate := (l.failures.Count(l.decay) + 0.5) / (l.uses.Count(l.decay) + 1)
	return surprise(op.failed.Count(l.decay)+prior*rate, op.traces.Count(l.decay)+prior)
}

const (
	// minObservations of an operation, or of an endpoint, are needed before what is usual for all stops to stand in.
	minObservations = 20
	lossOfMedian    = 0.5
	// The exponents are steep: the floor of the budget takes care of variance, and a steep weight wastes little on traces
	// that are only somewhat remarkable.
	latencySteepness = 12
	errorSteepness   = 12
	raritySteepness  = 12
	maxWeight        = 1e50
)

// surprise is how much rarer than an even chance something is: log2 of total over count, both with half an observation
// added. Zero for what always happens; 10 for once in a thousand.
func surprise(count, total float64) float64 {
	return max(0, math.Log2((total+1)/(count+0.5)))
}
