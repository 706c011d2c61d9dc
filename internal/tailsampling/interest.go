package tailsampling

import (
	"math"

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
	evidence evidence
	path     tracesketch.Path
	place    *pathStats
}

// judge compares a trace with what was usual before it, then learns from it. Each sign is zero where there is nothing to
// see, and weighs (1 + x) to a steep exponent:
//
//   - latency: x is the excess, the sum over operations of exclusive time beyond what is slow for them on this path, over the
//     excess that is usual on the path. It grows with the damage, where tail probabilities saturate.
//   - error: x is how surprising the most surprising error is for its operation, in bits.
//   - rarity: x is how rare the path is, and the oddest call on it, in bits beyond those of most traces.
func (l *learned) judge(spans []tracesketch.Span, s *tracesketch.Structure, analysis uint32) judgement {
	path, id := l.path(s.Path, s.Endpoint)
	l.walk(spans, s, analysis)
	excess, expected, slowest := l.excess(path)
	surprise, failed := l.errorSurprise()
	e := evidence{excess: float32(excess), slowest: slowest, failed: failed}
	e.strength[signLatency] = float32(excess / l.usualExcess(path, expected))
	e.strength[signError] = float32(surprise)
	e.strength[signRarity] = float32(l.rarity(path, analysis))
	l.learn(path, s, excess, expected, analysis)
	if path.edges == nil && id == s.Path {
		l.learnEdges(path, spans, s)
	}
	return judgement{path: id, place: path, evidence: e}
}

// walk adds up what a trace shows of each of its operations.
func (l *learned) walk(spans []tracesketch.Span, s *tracesketch.Structure, analysis uint32) {
	l.walked, l.bySpan = l.walked[:0], l.bySpan[:0]
	for i := range spans {
		op := l.operation(tracesketch.Operation(spans[i].Operation))
		if op.at.analysis != analysis {
			op.at = visit{analysis: analysis, operation: tracesketch.Operation(spans[i].Operation)}
			l.walked = append(l.walked, op)
		}
		op.at.spans++
		op.at.self += float64(max(0, s.Self[i]))
		op.at.failed = op.at.failed || spans[i].Flags&tracesketch.FlagError != 0
		l.bySpan = append(l.bySpan, op)
	}
	for i, p := range s.Parent {
		if p >= 0 && spans[i].Flags&tracesketch.FlagServer != 0 && spans[p].Flags&tracesketch.FlagServer == 0 && s.Parent[p] >= 0 {
			p = s.Parent[p] // the client's span is no more than the way
		}
		if p >= 0 {
			l.call(l.bySpan[p], tracesketch.Operation(spans[i].Operation), analysis)
		}
	}
}

// excess is the exclusive time beyond what is slow for the operations of a trace on its path, and expected is what they
// usually take together, ns. The largest part of the excess is that of slowest.
func (l *learned) excess(path *pathStats) (excess, expected float64, slowest tracesketch.Operation) {
	expected = 10 * softNanos
	most := 0.0
	for _, op := range l.walked {
		n := float64(op.at.spans)
		op.at.step = path.steps[op.at.operation]
		if op.self.Count() == 0 {
			op.typical, op.slow = l.anyOp.median, l.anyOp.high
		}
		expected += n * op.typical
		if beyond := op.at.self - n*op.limit(); beyond > 0 {
			excess += beyond
			if beyond > most {
				most, slowest = beyond, op.at.operation
			}
		}
	}
	return excess, expected, slowest
}

// learn takes in the trace that was walked.
func (l *learned) learn(path *pathStats, s *tracesketch.Structure, excess, expected float64, analysis uint32) {
	for _, op := range l.walked {
		self := op.at.self / float64(op.at.spans)
		logarithm := math.Log(self + softNanos)
		op.add(l, self, logarithm)
		l.anyOp.add(l, self, logarithm)
		l.learnStep(path, op, logarithm)
		op.traces.Add(1, l.decay)
		l.uses.Add(1, l.decay)
		if op.at.failed {
			op.failed.Add(1, l.decay)
			l.failures.Add(1, l.decay)
		}
		l.learnCalls(op, analysis)
	}
	path.traces.Add(1, l.decay)
	if s.Errors > 0 {
		path.failed.Add(1, l.decay)
	}
	path.level.add(l, float64(s.Duration), excess)
	l.all.add(l, perTrace*float64(s.Duration)/expected, perTrace*excess/expected)
}

// rarity is by how many bits a trace is more of a surprise than most: its path, and the oddest call on it. That of most traces
// is not zero where there are many paths, and then no path is rare for being one of many.
func (l *learned) rarity(path *pathStats, analysis uint32) float64 {
	oddest, repeated := 0.0, 0.0
	for _, op := range l.walked {
		o, r := l.oddestCall(op, analysis)
		oddest, repeated = max(oddest, o), max(repeated, r)
	}
	bits := max(2*repeated, oddest+surprise(path.traces.Count(l.decay), l.all.duration.Count()))
	odd := bits - l.oddity.Value() - ordinaryBits
	l.oddity.Add(bits, l.decay)
	return max(0, odd)
}

// errorSurprise is that of the most surprising error, and whose it is. The less is known of an operation, the more the error rate of all counts.
func (l *learned) errorSurprise() (most float64, failed tracesketch.Operation) {
	const prior = 10
	rate := (l.failures.Count(l.decay) + 0.5) / (l.uses.Count(l.decay) + 1)
	for _, op := range l.walked {
		if !op.at.failed {
			continue
		}
		if bits := surprise(op.failed.Count(l.decay)+prior*rate, op.traces.Count(l.decay)+prior); bits > most || failed == 0 {
			most, failed = bits, op.at.operation
		}
	}
	return most, failed
}

// ordinaryBits is how much more of a surprise than most a trace may be before it is rare: half as frequent.
const ordinaryBits = 1

// surprise is how much rarer than an even chance something is: log2 of total over count, both with half an observation
// added. Zero for what always happens; 10 for once in a thousand.
func surprise(count, total float64) float64 {
	return max(0, math.Log2((total+1)/(count+0.5)))
}
