package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/metricscheck"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// settling is how long after a trace has left the generator has told of it, if nothing had to be sent again.
const settling = 5 * time.Second

// numbers compares metrics that the pipeline derives from the spans with what they must be.
type numbers struct {
	watch  *Watch
	config NumbersConfig

	mu       sync.Mutex // guards everything below
	clean    map[slotOf]bool
	before   metricscheck.Reading
	state    State
	reason   string
	findings []metricscheck.Finding
	since    time.Time // of the findings
	failed   int       // readings in a row
}

type slotOf struct {
	stream uint8
	number uint32
}

func newNumbers(w *Watch, c NumbersConfig) *numbers {
	return &numbers{watch: w, config: c, clean: map[slotOf]bool{}, state: Starting, reason: "there have not been two readings yet"}
}

// told notes which slots were sent exactly as planned: others cannot be predicted.
func (n *numbers) told(m *traffic.Manifest) {
	stream := n.watch.stream(m.Stream)
	if stream == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range m.Slots {
		r := &m.Slots[i]
		n.clean[slotOf{m.Stream, r.Slot}] = r.Accepted == stream.Count(r.Slot) && len(r.Exceptions) == 0 && !r.Truncated
	}
	oldest := traffic.SlotOf(n.watch.clock().Wall.Add(-2 * (n.config.Every + n.config.Edge + settling)))
	for s := range n.clean {
		if s.number < oldest {
			delete(n.clean, s)
		}
	}
}

// stream returns a stream that a receiver here sends.
func (w *Watch) stream(number uint8) *traffic.Stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.ledgers {
		for _, s := range l.streams {
			if s.Config().Number == number {
				return s.Stream
			}
		}
	}
	return nil
}

// streams returns all of them.
func (w *Watch) streams() []*traffic.Stream {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*traffic.Stream
	for _, l := range w.ledgers {
		for _, s := range l.streams {
			out = append(out, s.Stream)
		}
	}
	return out
}

// check takes a reading and compares it with the one before.
func (n *numbers) check(ctx context.Context) {
	at := n.watch.clock().Wall.Add(-settling)
	limited, cancel := context.WithTimeout(ctx, max(10*time.Second, n.config.Every/2))
	now, err := n.config.Source.Read(limited, n.config.Prometheus, at)
	cancel()
	if ctx.Err() != nil {
		return
	}
	n.mu.Lock()
	before := n.before
	n.mu.Unlock()
	if err != nil {
		n.settle(before, Unknown, "Prometheus cannot be read: "+err.Error(), nil)
		return
	}
	due := n.watch.began.Add(n.watch.started + n.config.Edge) // what is counted since is of this run
	if len(now.Counts) == 0 && at.Before(due) {
		n.settle(metricscheck.Reading{}, Starting, "no number can be due yet", nil)
		return
	}
	if len(now.Counts) == 0 {
		n.settle(metricscheck.Reading{}, Unknown, fmt.Sprintf("Prometheus has no series of %s{%s}", n.config.Source.Metric, n.config.Source.Matchers), nil)
		return
	}
	if before.Counts == nil || before.At.Before(due) {
		n.settle(now, Starting, "there have not been two readings yet", nil)
		return
	}
	if !slices.Equal(before.Bounds, now.Bounds) {
		n.settle(now, Starting, "the histogram began anew, with other bounds", nil)
		return
	}
	streams := n.watch.streams()
	if problem := n.unpredictable(streams, before.At, at); problem != "" {
		n.settle(now, "", problem, nil)
		return
	}
	low, high := metricscheck.Counts{}, metricscheck.Counts{}
	for _, s := range streams {
		add(low, metricscheck.Expect(s, n.watch.config.Instance, before.At, at.Add(-n.config.Edge), now.Bounds))
		add(high, metricscheck.Expect(s, n.watch.config.Instance, before.At.Add(-n.config.Edge), at, now.Bounds))
	}
	findings, known := metricscheck.Check(before, now, low, high)
	switch {
	case !known:
		n.settle(now, "", "the counters began anew", nil)
	case len(findings) > 0:
		n.settle(now, Degraded, fmt.Sprintf("%d numbers cannot be right; the first: %s", len(findings), findings[0]), findings)
	default:
		n.settle(now, OK, "", nil)
	}
}

// add sums counts of different streams.
func add(to, from metricscheck.Counts) {
	for series, h := range from {
		sum := to[series]
		if sum == nil {
			to[series] = h
			continue
		}
		sum.Count += h.Count
		for i := range sum.Buckets {
			sum.Buckets[i] += h.Buckets[i]
		}
	}
}

// unpredictable says why nothing can be said of a time, if so: a trace was sent otherwise than planned, or none were.
func (n *numbers) unpredictable(streams []*traffic.Stream, from, to time.Time) string {
	if len(streams) == 0 {
		return "no receiver of this collector sends"
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range streams {
		for slot := traffic.SlotOf(from.Add(-n.config.Edge)); slot < traffic.SlotOf(to); slot++ {
			if s.Count(slot) > 0 && !n.clean[slotOf{s.Config().Number, slot}] {
				return "not all traces of the time were sent as planned"
			}
		}
	}
	return ""
}

// settle keeps a reading and what it has shown. An empty state leaves the verdict as it was.
func (n *numbers) settle(r metricscheck.Reading, state State, reason string, findings []metricscheck.Finding) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.before = r
	if state == "" {
		n.failed++
		if n.failed < tolerated || n.state == Degraded {
			return
		}
		state = Unknown
	} else if state != Unknown {
		n.failed = 0
	}
	if len(findings) > 0 && len(n.findings) == 0 {
		n.since = n.watch.clock().Wall
	}
	n.state, n.reason, n.findings = state, reason, findings
}

// look says how the numbers stand.
func (n *numbers) look(now time.Time) Vantage {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := Vantage{Name: "numbers", Kind: Numbers, State: n.state, Reason: n.reason}
	for i, f := range n.findings {
		if i == maxFailing {
			break
		}
		out.failing = append(out.failing, Failing{
			Verdict: "wrong", Vantage: out.Name, Operation: f.Series.Service + "/" + f.Series.Span, Since: n.since, Last: now, Count: 1, Detail: f.String(),
		})
	}
	return out
}
