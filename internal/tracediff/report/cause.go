package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Cause says where it happened and what, and then since when, what follows from it, and a trace to look at. show makes names
// from spans harmless.
func Cause(d *compare.Diff, c *compare.Cause, show func(string) string) (what, follows string) {
	s := (&speaker{Diff: d, show: show, zone: " UTC"}).statement(groupOf(d, c))
	what, _ = fit(s.led(len(s.what)), ", ", 0)
	follows, _ = fit(s.follows, "; ", 0)
	return what, follows
}

// Summary says where it happened, what, and since when, in one line of at most so many characters.
func Summary(d *compare.Diff, c *compare.Cause, show func(string) string, columns int) string {
	return (&speaker{Diff: d, show: show, zone: " UTC"}).summary(groupOf(d, c), columns)
}

func (p *speaker) summary(g *Group, columns int) string {
	s := p.statement(g)
	line := s.led(len(s.what))
	if when := p.when(g.Cause, g.Main); when != "" {
		line = append(line, said(fixed(when)))
	}
	text, ok := fit(line, ", ", columns)
	if !ok {
		text = shortened(text, columns)
	}
	return text
}

// twoLines are the two lines of a cause in a terminal. The second is empty where there is nothing to add.
func twoLines(p *speaker, g *Group, columns int) (first, second string) {
	s := p.statement(g)
	rest := s.follows
	for n := len(s.what); ; n-- { // what does not fit into the first line begins the second one
		var ok bool
		if first, ok = fit(s.led(n), ", ", columns); ok || n == 0 {
			break
		}
		rest = append([]clause{s.what[n-1]}, rest...)
	}
	second, _ = fit(rest, "; ", columns)
	return shortened(first, columns), shortened(second, columns)
}

// led is where, with so much of what as one line.
func (s *statement) led(n int) []clause {
	if n == 0 {
		return []clause{said(s.where...)}
	}
	line := slices.Clone(s.what[:n])
	line[0].pieces = slices.Concat(s.where, line[0].pieces)
	if line[0].instead != nil {
		line[0].instead = slices.Concat(s.where, line[0].instead)
	}
	return line
}

// groupOf is a cause with its changes.
func groupOf(d *compare.Diff, c *compare.Cause) *Group {
	g := &Group{Cause: c, Main: &d.Changes[c.Main]}
	for _, n := range c.Explains {
		g.Explains = append(g.Explains, &d.Changes[n])
	}
	return g
}

// speaker finds words for the causes of a diff.
type speaker struct {
	*compare.Diff
	show func(string) string // makes names from spans harmless
	zone string              // behind the time of day
	up   map[operation][]operation
}

// statement is what is to be said of a cause.
type statement struct {
	where   []piece  // the service, with its versions if it was deployed
	what    []clause // what changed there
	follows []clause
}

// What makes room first: the highest.
const (
	spareOperation = 1 + iota
	spareSymptom
	spareCaller
	spareShare
	spareTrace
)

func (p *speaker) statement(g *Group) statement {
	var s statement
	grown := p.grown(g)
	if grown != nil {
		s.where = p.where(grown.Service, nil, ": ")
		s.what = []clause{
			said(append([]piece{elastic(p.show(grown.Value))}, fixed(" "+phrase(grown, grown.Verdict)))...),
			said(fixed(p.part(grown, g)), fixed(p.service(g.Cause.Service)), fixed(", which is new")),
		}
	} else {
		s.where, s.what = p.where(g.Cause.Service, g.Cause, aside(g.Cause)+g.separator()), p.special(g)
		if s.what == nil {
			s.what = []clause{p.happened(g)}
		}
	}
	s.follows = p.follows(g, grown)
	return s
}

// separator stands between where and what.
func (g *Group) separator() string {
	if m := g.Main; m.Measure == compare.Presence && g.Cause.Kind != compare.SpansMissing && (m.Kind == snapshot.Service || m.Kind == snapshot.Attribute || m.Kind == snapshot.Total) {
		return " "
	}
	return ": "
}

// happened is what changed at the site.
func (p *speaker) happened(g *Group) clause {
	m, c := g.Main, g.Cause
	subject, short := p.subject(m, c)
	text := phrase(m, c.Verdict)
	switch {
	case m.Measure == compare.Waiting:
		text = ", " + moved(m, c.Verdict)
	case m.Measure == compare.CallRate && m.Kind == snapshot.Edge:
		text = ", " + moved(m, c.Verdict)
	case m.Measure == compare.Presence && len(subject) == 0:
		text = "is " + text
	case m.Measure == compare.Presence:
		text = " is " + text
	case len(subject) > 0:
		text = " " + text
	}
	said := clause{pieces: append(subject, fixed(text)), stays: true}
	if m.Measure == compare.Errors {
		short = subject
		said.pieces = append(slices.Clone(subject), fixed(text+" of its traces"))
	}
	if short != nil {
		said.instead, said.spare = append(slices.Clone(short), fixed(text)), spareOperation
	}
	return said
}

// subject is what changed, as far as where does not say it, and a shorter form for where there is no room.
func (p *speaker) subject(m *compare.Change, c *compare.Cause) (subject, short []piece) {
	value := elastic(p.show(m.Value))
	own := m.Service == c.Service // not that of the caller
	const waiting = "network and queueing"
	switch {
	case m.Kind == snapshot.Operation && m.Measure == compare.Slowest && !own: // the client's span of who waits
		return []piece{fixed(waiting + " of calls by " + p.service(m.Service) + " "), value}, nil
	case m.Kind == snapshot.Operation:
		return []piece{value}, nil
	case m.Kind == snapshot.Path:
		return append([]piece{fixed("path of "), value}, pathPieces(m.PathID, p.show)...), nil
	case m.Kind != snapshot.Edge:
		return nil, nil
	case m.Measure == compare.Waiting && own:
		return []piece{fixed(waiting + " of "), value}, []piece{fixed(waiting)}
	case m.Measure == compare.Waiting:
		to := fixed(p.service(m.Service))
		return []piece{fixed(waiting + " of calls to "), to, fixed(" "), value}, []piece{fixed(waiting + " of its calls")}
	}
	call := "call of "
	if m.Measure == compare.CallRate {
		call = verdicts[c.Verdict] + " of "
	}
	if own {
		from := fixed(p.service(m.CallerService))
		return []piece{fixed(call), value, fixed(" by "), from, fixed(" "), elastic(p.show(m.Caller))},
			[]piece{fixed(strings.TrimSuffix(call, "of ") + "by "), from}
	}
	to := fixed(p.service(m.Service))
	return []piece{fixed(call), to, fixed(" "), value, fixed(" by "), elastic(p.show(m.Caller))}, []piece{fixed(call), to}
}

// likely is said of a cause whose own change is not flagged: those whom it holds up surely changed, and it is the place where most of
// that was found.
const likely = "likely"

// follows is since when, what follows from it, and a trace to look at.
func (p *speaker) follows(g *Group, grown *compare.Change) (list []clause) {
	m, c := g.Main, g.Cause
	if !flagged(m) {
		list = append(list, said(fixed(likely)))
	}
	if when := p.when(c, m); when != "" {
		list = append(list, said(fixed(when)))
	}
	if m.Standing == compare.Suspected || m.Standing == compare.Confirmed {
		list = append(list, said(fixed(string(m.Standing))))
	}
	if c.Measure == compare.Waiting && c.Service == m.Service {
		list = append(list, clause{pieces: []piece{fixed("called by "), elastic(p.show(m.CallerService) + " " + p.show(m.Caller))}, spare: spareCaller})
	}
	if c.Kind == compare.SpansMissing {
		list = append(list, p.unseen(g))
	}
	if n := len(g.Explains); n > 1 || n == 1 && grown == nil {
		list = append(list, p.symptom(g, grown))
	}
	if !math.IsNaN(c.Share) {
		list = append(list, clause{pieces: []piece{fixed(fmt.Sprintf("%.0f %% of %s", 100*c.Share, whole[c.Verdict]))}, spare: spareShare})
	}
	if len(m.Exemplars) > 0 {
		list = append(list, clause{pieces: []piece{fixed("trace " + p.show(m.Exemplars[0]))}, spare: spareTrace})
	}
	return list
}

// whole is what all traces lost or won.
var whole = map[compare.Verdict]string{
	compare.Slower: "the slowdown", compare.New: "the slowdown", compare.Faster: "the gain",
	compare.MoreErrors: "the additional failing traces", compare.FewerErrors: "the traces that fail no more",
}

// when says since when, or from when to when; it is empty where nobody knows.
func (p *speaker) when(c *compare.Cause, m *compare.Change) string {
	began := c.Onset
	if began.IsZero() {
		began = m.Since
	}
	switch {
	case began.IsZero():
		return ""
	case !c.Ended.IsZero():
		return "from " + p.clock(began) + " to " + p.clock(c.Ended) + p.zone
	case m.Standing == compare.Lasting:
		return "lasting since " + p.clock(began) + p.zone + fading(m)
	}
	return "since " + p.clock(began) + p.zone
}

// clock is the time of day, and the day where it is not that of the newer window.
func (p *speaker) clock(t time.Time) string {
	t = t.UTC()
	if t.Format(time.DateOnly) != p.B.Start.UTC().Format(time.DateOnly) {
		return t.Format(time.DateTime)
	}
	return t.Format(time.TimeOnly)
}
