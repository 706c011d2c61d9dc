package sentinelexporter

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// tick is how often verdicts are given; memory, how long a failing one shows in the component's status; grace, how long after
// its time a first word of a generator may come.
const (
	tick   = 500 * time.Millisecond
	memory = time.Minute
	grace  = 2 * time.Second
)

// alone is a judge in a collector without the sentinel extension: it lets its own time pass, and has no more to say than the
// component's status.
type alone struct {
	verifier *verify.Verifier
	now      func() verify.Instant
	host     component.Host
	stop     chan struct{}
	stopped  chan struct{}
	closing  sync.Once

	begun   time.Time
	due     time.Duration // after that, a generator must have been heard
	foresee bool          // it is known of each trace whether it must arrive
	known   atomic.Int64  // when the latest verdict was given that says something, in Unix nanoseconds
	unknown atomic.Int64  // and the latest that says nothing

	failing chan verify.Judgement // the latest; room for one
	status  string                // last reported; empty: well
	until   time.Time             // a failing verdict shows
	last    string
}

var _ vantage.Judge = (*alone)(nil)

func newAlone(place vantage.Place, host component.Host) (*alone, error) {
	c := place.Config
	if c.LateAfter == 0 {
		c.LateAfter = verify.DefaultLateAfter
	}
	if c.LostAfter == 0 {
		c.LostAfter = verify.DefaultLostAfter
	}
	c.LateAfter += place.Wait
	c.LostAfter += place.Wait
	if err := c.Validate(); err != nil {
		return nil, err
	}
	a := &alone{
		now: verify.Clock(), host: host, stop: make(chan struct{}), stopped: make(chan struct{}), failing: make(chan verify.Judgement, 1),
		begun: time.Now(), due: c.LateAfter + grace, foresee: true,
	}
	a.known.Store(a.begun.UnixNano()) // as long as nothing can be known
	if c.Sampler != nil {
		_, a.foresee = c.Sampler.Survives(pcommon.TraceID{})
	}
	report := place.Report
	c.Report = func(j verify.Judgement) {
		report(j)
		a.note(j)
	}
	var err error
	if a.verifier, err = verify.New(c, a.now()); err != nil {
		return nil, err
	}
	go a.run()
	return a, nil
}

// note takes a verdict. It runs within the verifier.
func (a *alone) note(j verify.Judgement) {
	if j.Verdict == verify.Unknown {
		a.unknown.Store(time.Now().UnixNano())
	} else {
		a.known.Store(time.Now().UnixNano())
	}
	if j.Verdict.Failing() {
		select {
		case a.failing <- j:
		default: // one is enough
		}
	}
}

// Observe implements vantage.Judge.
func (a *alone) Observe(td ptrace.Traces) { a.verifier.Observe(a.now(), td) }

// State implements vantage.Judge.
func (a *alone) State() verify.State { return a.verifier.State() }

// Close implements vantage.Judge.
func (a *alone) Close() {
	a.closing.Do(func() { close(a.stop) })
	<-a.stopped
}

func (a *alone) run() {
	defer close(a.stopped)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-a.stop:
			return
		case <-ticker.C:
			a.verifier.Advance(a.now())
			a.report(a.trouble(time.Now()))
		}
	}
}

// trouble is what is wrong now, for people, and so is it that nothing is known; empty: nothing, or nothing can be known yet.
func (a *alone) trouble(now time.Time) string {
	select {
	case j := <-a.failing:
		a.until, a.last = now.Add(memory), fmt.Sprintf("a trace was found %s: %s", j.Verdict, j.Detail)
	default:
	}
	s := a.verifier.State()
	switch {
	case s.Overdue > 0:
		return "traces are overdue"
	case now.Before(a.until):
		return a.last
	case s.TwoRuns:
		return "unknown: two generators have sent the same traces; give each an instance of its own"
	case s.Full:
		return "unknown: there are more traces than max_traces"
	}
	heard := false
	for _, one := range s.Sources {
		heard = heard || one.Heard >= 0
		switch {
		case one.Foreign != "":
			return fmt.Sprintf("unknown: the generator sends stream %s with configuration %s, here it is another; copy topology and streams from there", one.Stream, one.Foreign)
		case one.Silent:
			return fmt.Sprintf("unknown: the generator of stream %s is silent", one.Stream)
		}
	}
	switch {
	case !heard && now.Sub(a.begun) > a.due:
		return "unknown: no generator has been heard; give the exporter the generator's key, and its spans a way here"
	case a.foresee && now.Sub(time.Unix(0, a.unknown.Load())) < memory && now.Sub(time.Unix(0, a.known.Load())) >= memory:
		return "unknown: of the traces of the last minute nothing is known"
	}
	return ""
}

// report tells the component's status when it changes.
func (a *alone) report(trouble string) {
	if trouble == a.status {
		return
	}
	a.status = trouble
	if trouble == "" {
		componentstatus.ReportStatus(a.host, componentstatus.NewEvent(componentstatus.StatusOK))
		return
	}
	componentstatus.ReportStatus(a.host, componentstatus.NewRecoverableErrorEvent(errors.New(trouble)))
}
