package tailsampling

import (
	"iter"
	"time"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracesketch"
	"github.com/assayhq/assay/internal/tracestate"
)

// logged is a decision and what it rested on. It holds no pointers, so that the garbage collector does not look into the log.
type logged struct {
	id                              pcommon.TraceID
	decided, arrived                time.Duration // arrived: the last span before the decision
	duration                        time.Duration
	randomness, threshold, incoming uint64
	path                            tracesketch.Path
	endpoint                        tracesketch.Operation
	evidence                        evidence
	cutoffs                         [signCount]float32 // strengths from which each sign alone would have been reason enough
	probability, floor              float32
	weight, cutoff                  float32
	spans, errors                   uint32
	reason                          uint16 // index into the log's reasons
	rule                            int16
	kept, marked, rootErr, fragment bool
}

const (
	loggedBytes = int64(unsafe.Sizeof(logged{}))
	logPage     = 512
	// logShare is the part of the memory limit that the log may take: one in 32.
	logShare = 32
)

// decisionLog holds the last decisions, as many as its room allows. One goroutine uses it.
type decisionLog struct {
	pages   [][]logged // ring; made as it fills for the first time
	limit   int        // pages
	written int        // decisions so far
	reasons []string   // those that have occurred
	codes   map[string]uint16
}

// newDecisionLog makes a log of at most that many decisions and bytes.
func newDecisionLog(decisions int, bytes int64) decisionLog {
	pages := min((int64(decisions)+logPage-1)/logPage, bytes/(logPage*loggedBytes))
	return decisionLog{limit: int(max(1, pages)), codes: map[string]uint16{}}
}

// next is where the next decision goes, which takes the place of the oldest one when the log is full.
func (l *decisionLog) next() *logged {
	at := l.written % (l.limit * logPage)
	if at/logPage == len(l.pages) {
		l.pages = append(l.pages, make([]logged, logPage))
	}
	l.written++
	return &l.pages[at/logPage][at%logPage]
}

func (l *decisionLog) code(reason string) uint16 {
	c, ok := l.codes[reason]
	if !ok {
		c = uint16(len(l.reasons))
		l.codes[reason] = c
		l.reasons = append(l.reasons, reason)
	}
	return c
}

// all goes through the decisions, the latest first.
func (l *decisionLog) all() iter.Seq[*logged] {
	return func(yield func(*logged) bool) {
		size := l.limit * logPage
		for n := l.written - 1; n >= max(0, l.written-size); n-- {
			at := n % size
			if !yield(&l.pages[at/logPage][at%logPage]) {
				return
			}
		}
	}
}

// since is from when on all decisions are in the log.
func (l *decisionLog) since() time.Duration {
	size := l.limit * logPage
	if l.written <= size {
		return 0
	}
	at := l.written % size
	return l.pages[at/logPage][at%logPage].decided
}

func (l *decisionLog) find(id pcommon.TraceID) *logged {
	for e := range l.all() {
		if e.id == id {
			return e
		}
	}
	return nil
}

func (l *decisionLog) bytes() int64 { return int64(len(l.pages)) * logPage * loggedBytes }

// record puts a decision into the log.
func (d *decider) record(c *candidate, f *facts, dec *Decision, randomness, incoming uint64, now time.Duration) {
	e := d.log.next()
	*e = logged{
		id: dec.TraceID, decided: now, arrived: now - dec.Latency, duration: dec.Duration,
		randomness: randomness, threshold: dec.Threshold, incoming: incoming, path: dec.Path, endpoint: dec.Endpoint,
		evidence: f.evidence, cutoffs: d.selector.enough, probability: float32(c.p), floor: float32(max(0, c.floor)),
		weight: float32(c.weight), cutoff: float32(d.selector.tau), spans: uint32(dec.Spans), errors: uint32(f.errors),
		reason: d.log.code(dec.Reason), rule: f.rule, kept: dec.Kept, marked: dec.Marked, rootErr: dec.RootError, fragment: dec.Fragment,
	}
}

// decision is what was decided.
func (d *decider) decision(e *logged) Decision {
	dec := Decision{
		TraceID: e.id, Kept: e.kept, Reason: d.log.reasons[e.reason], Probability: float64(e.probability), Threshold: e.threshold,
		Adjusted: tracestate.Probability(e.incoming) / tracestate.Probability(e.threshold), Fragment: e.fragment, Marked: e.marked,
		Endpoint: e.endpoint, Path: e.path, Spans: int(e.spans), RootError: e.rootErr, Duration: e.duration, Latency: e.decided - e.arrived,
	}
	if e.rule >= 0 {
		dec.Rule = d.cfg.Rules[e.rule].Name
	}
	return dec
}
