package watch

import (
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/oracle"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// place judges traces at one vantage.
type place struct {
	watch     *Watch
	name      string
	kind      Kind
	verifier  *verify.Verifier
	lateAfter time.Duration
	promised  time.Duration  // in which 99 % of the traces are to arrive
	oracle    *oracle.Oracle // behind a sampler that cannot be foreseen, else nil
	lookups   *lookups       // of a backend, else nil
	awaited   awaited
	sparse    bool           // only a share of the traces is looked up
	receivers []component.ID // of this collector, whose traces come here; nil: all

	mu       sync.Mutex // guards everything below; taken within the verifier's
	tracker  *slo.Tracker
	delays   *slo.Delays
	verdicts map[string]uint64 // of earlier runs too
	failing  failures
	troubles troubles
	streams  map[uint8]*traffic.Stream
	// announced are the receivers whose traces come here, that have started.
	announced map[component.ID]bool
	joined    time.Duration // when the first stream did, on the clock; 0: none has
	judged    bool          // there was a verdict
	known     bool          // and one that says something
	newest    uint32        // slot of the newest trace that has arrived as a whole; 0: none has
	harmed    bool          // what is wrong was done to traces
	burning   bool          // a budget was used up too fast when something was last judged
	plan      traffic.Trace
}

// newPlace makes a place of a vantage's configuration, completed from the watch's.
func newPlace(w *Watch, name string, kind Kind, at vantage.Place) (*place, error) {
	objectives := w.config.Objectives
	objectives.P99 += at.Wait
	p := &place{
		watch: w, name: name, kind: kind, promised: objectives.P99, receivers: at.Receivers, tracker: slo.NewTracker(objectives), delays: slo.NewDelays(objectives.Window), verdicts: map[string]uint64{},
		failing: failures{}, streams: map[uint8]*traffic.Stream{}, announced: map[component.ID]bool{},
	}
	c := at.Config
	if c.Key == nil {
		c.Key = w.config.Key
	}
	if c.LateAfter == 0 {
		c.LateAfter = w.config.LateAfter
	}
	if c.LostAfter == 0 {
		c.LostAfter = w.config.LostAfter
	}
	if c.MaxTraces == 0 {
		c.MaxTraces = verify.DefaultMaxTraces
	}
	c.LateAfter, c.LostAfter = c.LateAfter+at.Wait, c.LostAfter+at.Wait
	report, streams := c.Report, c.Streams
	c.Report = func(j verify.Judgement) {
		p.note(&j)
		if report != nil {
			report(j)
		}
	}
	c.Streams, c.Overdue = nil, p.turnOverdue // streams join below
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Sampler != nil {
		if _, known := c.Sampler.Survives(pcommon.TraceID{}); !known {
			p.oracle, c.Settled = oracle.New(), p.settled
		}
	}
	p.troubles = newTroubles(c.LateAfter)
	p.lateAfter, p.sparse = c.LateAfter, c.Lookup > 0 && c.Lookup < 1
	p.awaited = awaited{instances: c.Instances, streams: streams, within: c.LateAfter + grace}
	switch {
	case p.oracle != nil: // what it does not keep is judged only then
		p.awaited.within = c.LostAfter + grace
	case c.Lookup > 0:
		p.awaited.within += lookupTimeout
	}
	var err error
	if p.verifier, err = verify.New(c, w.clock()); err != nil {
		return nil, err
	}
	if err := p.join(streams...); err != nil {
		return nil, err
	}
	return p, nil
}

// hears is whether the traces of a receiver of this collector come here.
func (p *place) hears(receiver component.ID) bool {
	return p.receivers == nil || slices.Contains(p.receivers, receiver)
}

// receives notes that a receiver of this collector sends streams here.
func (p *place) receives(receiver component.ID, streams []vantage.Stream) error {
	for _, s := range streams {
		if err := p.join(s.Stream); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.announced[receiver] = true
	return nil
}

// join adds streams of generators.
func (p *place) join(streams ...*traffic.Stream) error {
	if err := p.verifier.Join(streams...); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range streams {
		if _, known := p.streams[s.Config().Number]; !known && p.oracle != nil {
			p.oracle.Join(s)
		}
		p.streams[s.Config().Number] = s
		if p.joined == 0 {
			now := p.watch.clock()
			p.joined, p.awaited.next = max(1, now.Mono), traffic.SlotOf(now.Wall)+2
			p.awaited.joined = now
		}
	}
	return nil
}

// note takes a verdict. It runs within the verifier.
func (p *place) note(j *verify.Judgement) {
	now := p.watch.clock()
	p.mu.Lock()
	defer p.mu.Unlock()
	n := uint64(max(1, j.Traces))
	p.judged, p.known = true, p.known || j.Verdict != verify.Unknown
	p.verdicts[j.Verdict.String()] += n
	if j.Was != verify.None {
		was := j.Was.String()
		p.verdicts[was] -= min(n, p.verdicts[was])
	}
	if j.Verdict == verify.Delivered || j.Verdict == verify.Late {
		p.newest = max(p.newest, j.Trace.Slot)
	}
	if p.oracle == nil || j.Verdict != verify.Unknown { // behind such a sampler, most traces are rightly unknown
		p.tracker.Add(p.watch.since(now), j)
		p.delays.Add(p.watch.since(now), j)
	}
	_, was := harmOf(j.Was)
	_, is := harmOf(j.Verdict)
	var plan *traffic.Trace
	if was || is {
		plan = p.planned(j)
	}
	if was {
		p.failing.revise(failureOf(j.Was.String(), plan), n)
	}
	if is {
		p.failing.note(now.Wall, p.name, failureOf(j.Verdict.String(), plan), j)
	}
	p.troubles.note(now.Wall, j, entryOf(plan))
	p.watch.config.Observer.Judged(p.name, j)
}

// overdue is how traces are listed that should be here, and are not given up yet.
const overdue = "overdue"

// turnOverdue takes that a trace has become overdue, or is not any more. It runs within the verifier.
func (p *place) turnOverdue(j verify.Judgement, is bool) {
	now := p.watch.clock()
	p.mu.Lock()
	defer p.mu.Unlock()
	plan := p.planned(&j)
	key := failureOf(overdue, plan)
	if !is {
		p.failing.revise(key, 1)
		p.troubles.remove(lost, &j)
		return
	}
	p.troubles.add(lost, now.Wall, &j, entryOf(plan))
	if j.Detail == "" {
		j.Detail = "nothing of it is here"
	}
	p.failing.note(now.Wall, p.name, key, &j)
}

// settled takes what has become of an accepted trace. It runs within the verifier.
func (p *place) settled(j verify.Judgement) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.oracle.Add(&j)
}

// planned is the plan of a trace that was judged, where it is one of ours.
func (p *place) planned(j *verify.Judgement) *traffic.Trace {
	s, ok := p.streams[j.Trace.Stream]
	if !ok || !s.Has(j.Trace) {
		return nil
	}
	s.Trace(j.Trace, &p.plan)
	return &p.plan
}

// Observe implements vantage.Judge.
func (p *place) Observe(td ptrace.Traces) { p.verifier.Observe(p.watch.clock(), td) }

// State implements vantage.Judge.
func (p *place) State() verify.State { return p.verifier.State() }

// Close implements vantage.Judge.
func (p *place) Close() { p.watch.detach(p) }

var _ vantage.Judge = (*place)(nil)
