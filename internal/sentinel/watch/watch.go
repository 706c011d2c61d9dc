package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/heartbeat"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/legs"
	"github.com/assayhq/assay/internal/sentinel/notices"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// beat is how often time passes for the verifiers and the verdict is made again.
const beat = 250 * time.Millisecond

// stale is the age at which a verdict is none any more: the beat has stopped.
const stale = 10 * time.Second

// Watch follows a sentinel.
type Watch struct {
	config  Config
	clock   func() verify.Instant
	began   time.Time     // the wall clock when the monotonic one was 0
	started time.Duration // on the clock
	alerts  *alerts       // nil: not followed
	numbers *numbers      // nil: not checked
	heart   *heartbeat.Heartbeat
	history *history
	notices *notices.Board

	report  atomic.Pointer[Report]
	ended   atomic.Bool // the pipelines end, so that what is missing from now on says nothing
	stop    context.CancelFunc
	running sync.WaitGroup
	ending  sync.Once

	mu      sync.Mutex // guards everything below
	places  []*place
	ledgers []*ledger
	legs    []legs.Leg
	saved   memory // what was remembered of places that have not come yet
	forgets bool   // memory does not work
}

// New makes a watch. It looks at nothing before Start.
func New(config Config) (*Watch, error) {
	w := &Watch{config: config, clock: verify.Clock(), history: newHistory(), legs: []legs.Leg{}}
	w.notices = notices.New(func() time.Time { return w.clock().Wall })
	w.saved = newMemory(w.notices)
	now := w.clock()
	w.began, w.started = now.Wall.Add(-now.Mono), now.Mono
	for _, b := range config.Backends {
		p, err := newPlace(w, b.Name, Backend, vantage.Place{
			Config: verify.Config{Lookup: b.Share, Lens: b.Backend.Lens(), Sampler: b.Sampler}, Wait: b.Wait,
		})
		if err != nil {
			return nil, fmt.Errorf("backends::%s: %w", b.Name, err)
		}
		p.lookups = &lookups{place: p, backend: b.Backend, free: make(chan struct{}, lookupsAtOnce)}
		w.places = append(w.places, p)
	}
	if config.Alerts != nil {
		w.alerts = newAlerts(w, *config.Alerts)
	}
	if config.Numbers != nil {
		w.numbers = newNumbers(w, *config.Numbers)
	}
	if config.Heartbeat != nil {
		w.heart = &heartbeat.Heartbeat{
			Send: config.Heartbeat.Send, Interval: config.Heartbeat.Interval, Well: func() bool { return w.State() == OK },
			Failed: func(err error) { config.Observer.Beat(err) }, Sent: func() { config.Observer.Beat(nil) },
		}
	}
	w.report.Store(&Report{State: Starting, Summary: "Nothing is known yet.", Since: now.Wall, At: now.Wall, Verdicts: map[string]uint64{}, Failing: []Failing{}, Vantages: []Vantage{}, Unwatched: w.legs})
	return w, nil
}

// Start remembers, and begins to watch.
func (w *Watch) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.remember(ctx)
	w.look(ctx)
	w.running.Go(func() { w.each(ctx, beat, w.look) })
	w.running.Go(func() { w.each(ctx, saveEvery, w.save) })
	for _, p := range w.places {
		if p.lookups != nil {
			w.running.Go(func() { p.lookups.run(ctx) })
		}
	}
	if w.alerts != nil {
		w.running.Go(func() { w.each(ctx, w.alerts.config.Poll, w.alerts.ask) })
	}
	if w.numbers != nil {
		w.running.Go(func() { w.each(ctx, w.numbers.config.Every, w.numbers.check) })
	}
	if w.heart != nil {
		w.heart.Start()
	}
}

// Shutdown ends it, and saves what is known for as long as ctx allows. It may be called twice, and before Start.
func (w *Watch) Shutdown(ctx context.Context) {
	w.ending.Do(func() {
		if w.stop == nil {
			return
		}
		if w.heart != nil {
			w.heart.Shutdown()
		}
		w.stop()
		w.running.Wait()
		w.save(ctx)
	})
}

// each does something at an interval until ctx is over.
func (w *Watch) each(ctx context.Context, interval time.Duration, do func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do(ctx)
		}
	}
}

// Unwatched says on which ways traces leave the collector that nobody watches.
func (w *Watch) Unwatched(of []legs.Leg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.legs = append([]legs.Leg{}, of...)
}

// End says that the pipelines are about to end: the verdict stays as it is.
func (w *Watch) End() { w.ended.Store(true) }

// look lets time pass and makes the verdict.
func (w *Watch) look(context.Context) {
	if w.ended.Load() {
		return
	}
	now := w.clock()
	var vantages []Vantage
	for _, p := range w.everyPlace() {
		p.verifier.Advance(now)
		vantages = append(vantages, p.look(now))
	}
	if w.alerts != nil {
		vantages = append(vantages, w.alerts.look(now.Wall))
	}
	if w.numbers != nil {
		vantages = append(vantages, w.numbers.look(now.Wall))
	}
	next := sum(vantages, now.Wall)
	if len(vantages) == 0 && now.Mono-w.started > w.config.LateAfter+grace {
		next.State, next.Reasons = Unknown, []string{"nothing is judged; add the sentinel exporter to a pipeline, or a backend"}
	}
	before := w.report.Load()
	next.Since = before.Since
	if next.State != before.State {
		next.Since = now.Wall
	}
	w.mu.Lock()
	next.Unwatched = w.legs
	w.mu.Unlock()
	next.Summary = next.summary()
	w.history.add(now, next.State, w.notices.Planned(now.Wall))
	w.report.Store(next)
	if next.State != before.State {
		w.config.Observer.Changed(before.State, next)
	}
}

// Report is the latest verdict. Once the beat has stopped it is unknown.
func (w *Watch) Report() *Report {
	r := w.report.Load()
	if age := w.clock().Wall.Sub(r.At); age > stale {
		old := *r
		old.State, old.Reasons = Unknown, []string{fmt.Sprintf("the verdict is %v old", age.Round(time.Second))}
		old.Summary = "Nothing is known any more: " + old.Reasons[0] + "."
		return &old
	}
	return r
}

// State is the latest verdict.
func (w *Watch) State() State { return w.Report().State }

// Key implements vantage.Sentinel.
func (w *Watch) Key() *identity.Key { return w.config.Key }

// Instance implements vantage.Sentinel.
func (w *Watch) Instance() uint16 { return w.config.Instance }

// Attach implements vantage.Sentinel.
func (w *Watch) Attach(exporter component.ID, at vantage.Place) (vantage.Judge, error) {
	p, err := newPlace(w, exporter.String(), Pipeline, at)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.places {
		if other.name == p.name {
			return nil, fmt.Errorf("there is a vantage %q already; give the component or the backend another name", p.name)
		}
	}
	for _, l := range w.ledgers {
		if !p.hears(l.receiver) {
			continue
		}
		if err := p.receives(l.receiver, l.streams); err != nil {
			return nil, err
		}
	}
	p.recall(w.saved.Places[p.name])
	w.places = append(w.places, p)
	w.config.Logger.Info("The sentinel judges traces", zap.String("vantage", p.name), zap.Duration("late_after", p.lateAfter))
	return p, nil
}

func (w *Watch) detach(p *place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.places, p); i >= 0 {
		w.saved.Places[p.name] = p.remembered()
		w.places = slices.Delete(slices.Clone(w.places), i, i+1)
	}
}

func (w *Watch) leave(l *ledger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ledgers = slices.DeleteFunc(slices.Clone(w.ledgers), func(other *ledger) bool { return other == l })
}

// everyPlace returns the places of now. The slice does not change.
func (w *Watch) everyPlace() []*place {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clip(w.places)
}

// since is the time for counts that outlast the process: since the Unix epoch, by a wall clock that makes no steps.
func (w *Watch) since(now verify.Instant) time.Duration {
	return time.Duration(w.began.UnixNano()) + now.Mono
}
