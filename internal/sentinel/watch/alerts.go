package watch

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// alerts follows the alerts that bursts trip.
type alerts struct {
	watch  *Watch
	config AlertsConfig

	mu       sync.Mutex // guards everything below
	followed map[string]*followed
	failed   map[string]int // asks in a row that a server did not answer
	why      map[string]error
}

// followed is one alert.
type followed struct {
	name   string
	watch  *alertcycle.Watch
	last   *alertcycle.Result  // of the last burst that is over, of an earlier run too
	judged bool                // last is of this run
	until  time.Duration       // after its burst began, last of an earlier run says nothing any more
	tally  map[string]uint64   // outcomes
	past   []alertcycle.Result // bursts that are over, the last ones, oldest first
}

// rememberedBursts is how many bursts of an alert are kept.
const rememberedBursts = 100

// Alert is how an alert does.
type Alert struct {
	Name      string
	Outcome   string // of the burst that is judged now
	Broken    string
	Burst     time.Time         // when it began
	Fired     float64           // from its beginning until the rule fired; -1: not yet
	Told      float64           // until the notification came
	Cleared   float64           // from its end until the notification that it is over
	Next      time.Time         // that is under way or awaited
	Outcomes  map[string]uint64 // of all bursts
	Firing    bool              // now
	Deadlines alertcycle.Deadlines
	Past      []alertcycle.Result // bursts that are over, oldest first
}

func newAlerts(w *Watch, c AlertsConfig) *alerts {
	return &alerts{watch: w, config: c, followed: map[string]*followed{}, failed: map[string]int{}, why: map[string]error{}}
}

// follow checks the bursts of streams against the declared intervals, and begins to follow their alerts. The watch's lock is held.
func (w *Watch) follow(streams []vantage.Stream) error {
	tripped := map[string]string{}
	for _, l := range w.ledgers {
		for _, s := range l.streams {
			tripped[s.Alert] = "stream " + s.Config().Name + " of " + l.receiver.String()
		}
	}
	for _, s := range streams {
		if s.Alert == "" {
			continue
		}
		if w.alerts == nil {
			w.config.Logger.Warn("An alert is named that is not followed; add alertmanager with a webhook to the extension",
				zap.String("stream", s.Config().Name), zap.String("alert", s.Alert))
			continue
		}
		c := s.Config()
		if other, ok := tripped[s.Alert]; ok {
			return fmt.Errorf("streams::%s::alert: %s is tripped by %s already; whose burst it tells of could not be known, so give each a rule of its own",
				c.Name, s.Alert, other)
		}
		tripped[s.Alert] = "stream " + c.Name
		if err := w.alerts.config.Intervals.Check(c.Every, c.For); err != nil {
			return fmt.Errorf("streams::%s: its alert %s cannot be followed with the intervals that %s declares: %w", c.Name, s.Alert, w.config.Name, err)
		}
		w.alerts.add(s, w.saved.Alerts[s.Alert])
	}
	return nil
}

func (a *alerts) add(s vantage.Stream, earlier alertMemory) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := &followed{name: s.Alert, last: earlier.Last, past: earlier.Past, tally: map[string]uint64{}}
	for outcome, n := range earlier.Outcomes {
		f.tally[outcome] = n
	}
	c := s.Config()
	f.until = c.Every + c.For + a.config.Intervals.Deadlines().Clear
	f.watch = alertcycle.NewWatch(alertcycle.Schedule{Every: c.Every, For: c.For}, a.config.Intervals, a.config.Receiver, a.watch.clock().Wall)
	a.followed[s.Alert] = f
}

// names lists the alerts.
func (a *alerts) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for name := range a.followed {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// ask asks both servers for every alert.
func (a *alerts) ask(ctx context.Context) {
	for _, name := range a.names() {
		limited, cancel := context.WithTimeout(ctx, max(a.config.Poll, 5*time.Second))
		rule, ruleErr := a.config.Prometheus.Rule(limited, name)
		held, heldErr := a.config.Alertmanager.Held(limited, name)
		cancel()
		if ctx.Err() != nil {
			return
		}
		a.take(name, rule, ruleErr, held, heldErr)
	}
}

func (a *alerts) take(name string, rule alertcycle.Rule, ruleErr error, held alertcycle.Held, heldErr error) {
	now := a.watch.clock().Wall
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.followed[name]
	if a.answered("Prometheus", ruleErr) {
		f.watch.SawRule(now, rule)
	} else {
		f.watch.PrometheusFailed(now)
	}
	if a.answered("Alertmanager", heldErr) {
		f.watch.SawHeld(now, held)
	} else {
		f.watch.AlertmanagerFailed(now)
	}
	a.advance(f, now)
}

func (a *alerts) answered(server string, err error) bool {
	a.why[server] = err
	if err != nil {
		a.failed[server]++
		return false
	}
	a.failed[server] = 0
	return true
}

func (a *alerts) advance(f *followed, now time.Time) {
	for _, r := range f.watch.Advance(now) {
		f.last, f.judged = &r, true
		f.tally[string(r.Outcome)]++
		f.past = append(f.past[max(0, len(f.past)-rememberedBursts+1):len(f.past):len(f.past)], r)
		a.watch.config.Observer.Alerted(f.name, r)
	}
}

// notified takes a notification of Alertmanager.
func (a *alerts) notified(n monitoring.Notification) {
	now := a.watch.clock().Wall
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.followed[n.Alert]
	if f == nil || a.config.Receiver != "" && n.Receiver != a.config.Receiver {
		return
	}
	f.watch.Notified(now, n.Firing)
	a.advance(f, now)
}

// Webhook takes Alertmanager's notifications. It is nil where no alerts are followed.
func (w *Watch) Webhook() http.Handler {
	if w.alerts == nil {
		return nil
	}
	return monitoring.Webhook(w.alerts.notified)
}

const noBurst = "no burst has been seen to its end yet"

// look says how the alerts stand.
func (a *alerts) look(now time.Time) Vantage {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := Vantage{Name: "alerts", Kind: Alerts, State: Starting, Reason: noBurst}
	for _, f := range a.followed {
		state, reason := a.judge(f, now, &out)
		if worse(out.State, state) != out.State || out.State == Starting && out.Reason == noBurst {
			out.State, out.Reason = state, reason
		}
	}
	for server, n := range a.failed {
		if n >= tolerated && len(a.followed) > 0 && out.State != Degraded {
			out.State, out.Reason = Unknown, fmt.Sprintf("%s has not answered %d times: %v", server, n, a.why[server])
		}
	}
	slices.SortFunc(out.Alerts, func(x, y Alert) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

func (a *alerts) judge(f *followed, now time.Time, out *Vantage) (State, string) {
	current := f.watch.Current(now)
	r, earlier := &current, false
	if r.Outcome == alertcycle.Waiting && f.last != nil && (f.judged || now.Sub(f.last.Burst.Start) <= f.until) {
		r, earlier = f.last, !f.judged
	}
	stray := f.watch.Stray()
	if stray != nil {
		r, earlier = stray, false
	}
	one := Alert{
		Name: f.name, Outcome: string(r.Outcome), Broken: string(r.Broken), Burst: r.Burst.Start, Fired: seconds(r.Fired), Told: seconds(r.Told),
		Cleared: seconds(r.Cleared), Next: current.Burst.Start, Outcomes: map[string]uint64{}, Firing: stray != nil,
		Deadlines: a.config.Intervals.Deadlines(), Past: f.past,
	}
	for outcome, n := range f.tally {
		one.Outcomes[outcome] = n
	}
	out.Alerts = append(out.Alerts, one)
	if earlier {
		return Starting, fmt.Sprintf("%s; before the restart, %s was %s in that of %s", noBurst, f.name, r.Outcome, clockTime(r.Burst.Start, now))
	}
	switch r.Outcome {
	case alertcycle.Waiting:
		return Starting, noBurst
	case alertcycle.Verified:
		return OK, ""
	case alertcycle.Unknown:
		return Unknown, fmt.Sprintf("what became of %s in the burst of %s is not known", f.name, clockTime(r.Burst.Start, now))
	}
	reason := fmt.Sprintf("%s was %s in the burst of %s", f.name, r.Outcome, clockTime(r.Burst.Start, now))
	if r.Broken != "" {
		reason += "; what broke is the " + string(r.Broken)
	}
	out.failing = append(out.failing, Failing{
		Verdict: string(r.Outcome), Vantage: "alerts", Operation: f.name, Since: r.Burst.Start, Last: now, Count: 1, Detail: string(r.Broken),
	})
	return Degraded, reason
}

// seconds is a duration in seconds, -1 where there is none.
func seconds(d time.Duration) float64 {
	if d < 0 {
		return -1
	}
	return d.Seconds()
}
