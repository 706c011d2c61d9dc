package watch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

const (
	// grace is how long after its time a first word of a generator may come.
	grace = 2 * time.Second
	// minCoverage is the share of recent traces of which something must be known.
	minCoverage = 0.9
	// maxAbsent is how many manifests in a row have to be absent for all to be lost, perhaps. There is one every second.
	maxAbsent = 2
	// maxBarren is how many traces may not come of those in a row that a sampler would usually have kept. That it is chance has a
	// probability of 10^-17; the rest is for a budget that suddenly has to do for more.
	maxBarren = 40
)

// look says how things stand at the place.
func (p *place) look(now verify.Instant) Vantage {
	state := p.verifier.State()
	p.mu.Lock()
	defer p.mu.Unlock()
	report := p.tracker.Report(p.watch.since(now), uint64(state.Overdue))
	short := p.watch.config.Objectives.Window / 12
	if state.Overdue == 0 {
		p.troubles.forget(now.Wall, max(short, 2*p.lateAfter))
	}
	out := Vantage{
		Name: p.name, Kind: p.kind, Verdicts: maps.Clone(p.verdicts), SLO: &report, Delays: p.delays.Report(p.watch.since(now)), Overdue: state.Overdue, promised: p.promised,
		failing: p.failing.list(now.Wall, short),
	}
	if p.newest > 0 {
		out.Newest = traffic.SlotStart(p.newest)
	}
	for _, s := range state.Sources {
		heard := s.Heard.Seconds()
		if s.Heard < 0 {
			heard = -1
		}
		out.Sources = append(out.Sources, Source{s.Instance, s.Stream, heard, s.Silent, s.Direct})
	}
	if out.Reason = p.strayed(now); out.Reason != "" {
		out.State = Unknown
		return out
	}
	if out.Reason = p.failure(now, &report, &state); out.Reason != "" {
		out.State, out.harmed = Degraded, p.harmed
		return out
	}
	if out.Reason = p.ignorance(now, &report, &state); out.Reason != "" {
		out.State = Unknown
		return out
	}
	out.State = OK
	if !p.judged {
		out.State, out.Reason = Starting, "no verdict can be due yet"
	}
	return out
}

// failure says why the place is degraded, if it is. Where traces are so rare that nothing has been judged in the short window, it is as
// it was: nobody has seen that all is well again.
func (p *place) failure(now verify.Instant, r *slo.Report, s *verify.State) string {
	idle := r.Judged == 0 && r.Completeness.Bad+r.Latency.Bad > 0
	if silent := slices.ContainsFunc(s.Sources, func(one verify.SourceState) bool { return one.Silent }); silent || !idle {
		p.burning = r.Completeness.ShortBurn > 1 || r.Latency.ShortBurn > 1
	}
	var parts []string
	if p.burning {
		parts = append(parts, p.trouble(now, r))
	}
	for i := range s.Sources {
		if said := p.lostManifests(&s.Sources[i], now.Wall); said != "" {
			parts = append(parts, said)
		}
	}
	if p.harmed = len(parts) > 0; p.harmed || p.oracle == nil {
		return strings.Join(parts, ", and ")
	}
	if findings := p.oracle.Findings(); len(findings) > 0 {
		return "the sampler: " + strings.Join(findings, "; ")
	}
	return ""
}

// lostManifests says what is lost where some of the manifests are.
func (p *place) lostManifests(source *verify.SourceState, now time.Time) string {
	m := &source.Manifests
	if !m.Lost() {
		return ""
	}
	since, lost := clockTime(traffic.SlotStart(m.First), now), m.Due-m.Later
	by := fmt.Sprintf("by the manifests that a rule of the sampler keeps (%d of the last %d were not there)", m.Absent, lost)
	if float64(m.Later)*float64(m.Absent)/float64(lost) >= certainlyOver {
		return fmt.Sprintf("lost %s of %s from %s to %s, %s; of the %d since all were", portion(uint64(m.Absent), uint64(lost)), p.sourceName(source),
			since, clockTime(traffic.SlotStart(m.Last+1), now), by, m.Later)
	}
	return fmt.Sprintf("has lost %s of %s since %s, %s", portion(uint64(m.Absent), uint64(m.Due)), p.sourceName(source), since, by)
}

// known is how much longer than lateAfter it takes until of all traces of a slot it is known whether they are overdue.
const known = 4 * time.Second

// trouble says which harm uses a budget up too fast.
func (p *place) trouble(now verify.Instant, r *slo.Report) string {
	var parts []string
	if said := p.troubles.say(now.Wall, traffic.SlotOf(now.Wall.Add(-p.lateAfter-known))); said != "" {
		parts = append(parts, said)
	}
	short := p.watch.config.Objectives.Window / 12
	if r.Latency.ShortBurn > 1 && p.troubles.of[delayed] == nil {
		parts = append(parts, fmt.Sprintf("is slow: %s of the last %v took longer than %v", portion(r.Latency.ShortBad, r.Latency.Short), short, p.promised))
	}
	if len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("had %s in the last %v that were not as they should be, before the collector started again",
			amount(r.Completeness.ShortBad, "trace"), short))
	}
	return strings.Join(parts, ", and ")
}

// strayed says whether the place waits for receivers that are not there. What comes of others it cannot judge.
func (p *place) strayed(now verify.Instant) string {
	if now.Mono-p.watch.started <= p.lateAfter+grace {
		return ""
	}
	var absent []string
	for _, id := range p.receivers {
		if !p.announced[id] {
			absent = append(absent, id.String())
		}
	}
	if len(absent) == 0 {
		return ""
	}
	return fmt.Sprintf("of its receivers, %s never started in this collector; is the name right?", listed(absent))
}

// sourceName names a stream of a generator, by the name that the instance is listed under, where it is.
func (p *place) sourceName(source *verify.SourceState) string {
	if name, ok := p.awaited.instances[source.Instance]; ok {
		return fmt.Sprintf("stream %s (instance %q)", source.Stream, name)
	}
	return fmt.Sprintf("stream %s (instance %d)", source.Stream, source.Instance)
}

// ignorance says why nothing can be said at the place, if so.
func (p *place) ignorance(now verify.Instant, r *slo.Report, s *verify.State) string {
	waited := p.joined > 0 && now.Mono-p.joined > p.lateAfter+grace
	heard := false
	for i := range s.Sources {
		source := &s.Sources[i]
		name := p.sourceName(source)
		heard = heard || source.Heard >= 0
		switch {
		case source.Silent:
			return fmt.Sprintf("the generator of %s has been silent for %v", name,
				source.Heard.Round(time.Second))
		case p.oracle != nil && p.lookups == nil && !source.Direct && source.Heard >= 0 && source.Passed > p.lateAfter+grace:
			return fmt.Sprintf("no manifest of %s has come through the pipeline for %v; does a rule of the sampler keep them, or is all lost?",
				name, source.Passed.Round(time.Second))
		case source.Manifests.Row >= maxAbsent:
			return fmt.Sprintf("the last %d manifests of %s are not there; does a rule of the sampler keep them, or is all lost?", source.Manifests.Row, name)
		case p.oracle != nil && p.oracle.Expected(source.Stream, source.Barren) > maxBarren:
			return fmt.Sprintf("of the last traces of %s none has come; the sampler would usually have kept %.0f",
				name, p.oracle.Expected(source.Stream, source.Barren))
		case source.Foreign != "":
			return fmt.Sprintf("the generator of %s has another configuration (%s)", name, source.Foreign)
		}
	}
	unheard := ""
	if waited {
		unheard = p.unheard(s)
	}
	switch {
	case p.lookups != nil && p.lookups.problem(now.Mono) != "":
		return p.lookups.problem(now.Mono)
	case s.TwoRuns:
		return "two generators have sent the same traces; give each an instance of its own"
	case s.Full:
		return "there are more traces than max_traces"
	case p.joined == 0 && now.Mono-p.watch.started > p.lateAfter+grace:
		return "no stream is known; add the sentinel receiver, or streams to the exporter"
	case waited && !heard:
		return "no generator has been heard"
	case unheard != "":
		return unheard
	case !p.judged && p.due(now):
		return fmt.Sprintf("there should have been a verdict within %v, and there is none", p.awaited.within)
	case p.judged && !p.known:
		return "of no trace anything is known, and none has come"
	case r.Recent < minCoverage:
		return fmt.Sprintf("of %.0f %% of the recent traces nothing is known", 100*(1-r.Recent))
	}
	return ""
}
