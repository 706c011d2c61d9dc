package watch

import (
	"maps"
	"math"
	"time"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/wire"
)

// statusOf is the verdict for a program.
func statusOf(r *Report) *wire.SentinelStatus {
	s := &wire.SentinelStatus{
		State: wire.SentinelState(r.State), Summary: r.Summary, Since: r.Since.UTC(), At: r.At.UTC(), Reasons: append([]string{}, r.Reasons...),
		Verdicts: counts(r.Verdicts), Failing: []wire.Failing{}, Vantages: []wire.Vantage{}, Unwatched: []wire.Leg{},
	}
	for i := range r.Failing {
		f := &r.Failing[i]
		s.Failing = append(s.Failing, wire.Failing{
			Verdict: f.Verdict, Vantage: f.Vantage, Operation: f.Operation, Since: f.Since.UTC(), Last: f.Last.UTC(), Count: f.Count, TraceID: f.Trace, Detail: f.Detail,
		})
	}
	for i := range r.Vantages {
		s.Vantages = append(s.Vantages, vantageOf(&r.Vantages[i]))
	}
	for _, l := range r.Unwatched {
		s.Unwatched = append(s.Unwatched, wire.Leg{Pipeline: l.Pipeline, Exporter: l.Exporter, Why: l.Why})
	}
	return s
}

func vantageOf(v *Vantage) wire.Vantage {
	w := wire.Vantage{
		Name: v.Name, Kind: wire.VantageKind(v.Kind), State: wire.SentinelState(v.State), Reason: v.Reason, Verdicts: counts(v.Verdicts),
		Sources: []wire.TrafficSource{}, Alerts: []wire.AlertCycle{}, Overdue: v.Overdue, Newest: wire.Moment(v.Newest),
	}
	if r := v.SLO; r != nil {
		w.SLO = &wire.Promises{
			Completeness: objectiveOf(&r.Completeness), Latency: objectiveOf(&r.Latency), Coverage: wire.Number(r.Coverage), CoverageShort: wire.Number(r.Recent),
			JudgedShort: r.Judged,
		}
	}
	if d := v.Delays; d != nil {
		w.Delays = &wire.Delays{DelayQuantiles: wire.DelayQuantiles(d.Quantiles), Parts: []wire.DelayPart{}}
		for _, p := range d.Parts {
			w.Delays.Parts = append(w.Delays.Parts, wire.DelayPart{
				From: time.Unix(0, int64(p.From)).UTC(), To: time.Unix(0, int64(p.To)).UTC(), DelayQuantiles: wire.DelayQuantiles(p.Quantiles),
			})
		}
	}
	for _, s := range v.Sources {
		w.Sources = append(w.Sources, wire.TrafficSource{Instance: s.Instance, Stream: s.Stream, Heard: ifAny(s.Heard), Silent: s.Silent, Direct: s.Direct})
	}
	for i := range v.Alerts {
		a := &v.Alerts[i]
		w.Alerts = append(w.Alerts, wire.AlertCycle{
			Name: a.Name, Outcome: a.Outcome, Broken: a.Broken, Burst: wire.Moment(a.Burst), Fired: ifAny(a.Fired), Notified: ifAny(a.Told), Cleared: ifAny(a.Cleared),
			NextBurst: wire.Moment(a.Next), Outcomes: counts(a.Outcomes), FiringWithoutBurst: a.Firing,
			Deadlines: wire.Deadlines{Fire: a.Deadlines.Fire.Seconds(), Notify: a.Deadlines.Notify.Seconds(), Clear: a.Deadlines.Clear.Seconds()},
			Past:      burstsOf(a.Past),
		})
	}
	return w
}

func burstsOf(past []alertcycle.Result) []wire.PastBurst {
	list := []wire.PastBurst{}
	for _, r := range past {
		list = append(list, wire.PastBurst{
			Began: r.Burst.Start.UTC(), Ended: r.Burst.End.UTC(), Outcome: string(r.Outcome), Broken: string(r.Broken),
			Fired: ifAny(seconds(r.Fired)), Notified: ifAny(seconds(r.Told)), Cleared: ifAny(seconds(r.Cleared)),
		})
	}
	return list
}

func objectiveOf(o *slo.Objective) wire.Objective {
	return wire.Objective{
		Target: o.Target, Good: o.Good, Bad: o.Bad, BudgetLeft: wire.Number(o.Budget), BurnRate: wire.Number(o.Burn), BurnRateShort: wire.Number(o.ShortBurn),
		JudgedShort: o.Short, BadShort: o.ShortBad, State: wire.ObjectiveState(o.State),
	}
}

// uptimesOf is how the verdict was, for a program.
func uptimesOf(state State, since time.Time, transitions []Transition, uptime map[string]Uptime) *wire.SentinelUptime {
	w := &wire.SentinelUptime{
		State: wire.SentinelState(state), Since: wire.Moment(since), Uptime: map[string]wire.Uptime{}, Transitions: []wire.Transition{},
	}
	for _, t := range transitions {
		w.Transitions = append(w.Transitions, wire.Transition{At: t.At.UTC(), State: wire.SentinelState(t.State)})
	}
	for period, u := range uptime {
		w.Uptime[period] = uptimeOf(&u)
	}
	return w
}

func uptimeOf(u *Uptime) wire.Uptime {
	of := wire.Uptime{Hours: u.Hours, UptimeTally: tallyOf(&u.Tally), Bars: []wire.UptimeBar{}}
	for i := range u.Bars {
		b := &u.Bars[i]
		of.Bars = append(of.Bars, wire.UptimeBar{From: b.From, To: b.To, UptimeTally: tallyOf(&b.Tally)})
	}
	return of
}

func tallyOf(t *Tally) wire.UptimeTally {
	of := wire.UptimeTally{
		Seconds: map[string]float64{}, UnwatchedSeconds: t.Unwatched, MaintenanceSeconds: t.maintenance(),
		ShareOK: wire.Number(t.share(OK)), ShareUnknown: wire.Number(t.share(Unknown)), ShareOKAdjusted: wire.Number(t.adjusted()),
	}
	for state, seconds := range t.Seconds {
		of.Seconds[string(state)] = seconds
	}
	return of
}

// ifAny is a number of seconds; there is none where it is negative.
func ifAny(seconds float64) wire.Number {
	if seconds < 0 {
		return wire.Number(math.NaN())
	}
	return wire.Number(seconds)
}

// counts are never null.
func counts(m map[string]uint64) map[string]uint64 {
	if m == nil {
		return map[string]uint64{}
	}
	return maps.Clone(m)
}
