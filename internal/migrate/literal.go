package migrate

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// fact is what a literal is about.
type fact uint8

const (
	spanMatches    fact = iota // one span of the trace fulfils one of the conditions
	lastsAtLeast               // from its earliest start to its latest end, in milliseconds
	countsAtLeast              // spans
	containsErrors             // one span has the status ERROR
)

// literal is one condition on a whole trace, or its opposite.
type literal struct {
	fact       fact
	conditions []string // OTTL conditions on a span, for spanMatches
	words      string   // what they ask, for people
	least      int64
	negated    bool
}

func (l literal) not() literal {
	l.negated = !l.negated
	return l
}

// implies tells whether o holds wherever l does.
func (l literal) implies(o literal) bool {
	if l.fact != o.fact || l.negated != o.negated {
		return false
	}
	if l.negated {
		l, o = o, l // the contraposition
	}
	switch l.fact {
	case spanMatches:
		return !slices.ContainsFunc(l.conditions, func(c string) bool { return !slices.Contains(o.conditions, c) })
	case containsErrors:
		return true
	default:
		return l.least >= o.least
	}
}

// inOneRule tells whether a rule can ask for it. Of opposites it can do so for errors alone.
func (l literal) inOneRule() bool { return !l.negated || l.fact == containsErrors }

func (l literal) String() string {
	var s string
	switch l.fact {
	case spanMatches:
		if l.negated {
			return "no span with " + l.words
		}
		return "a span with " + l.words
	case containsErrors:
		if l.negated {
			return "no error"
		}
		return "an error"
	case lastsAtLeast:
		s = milliseconds(l.least).String()
		if l.negated {
			return "less than " + s
		}
		return "at least " + s
	default:
		s = strconv.FormatInt(l.least, 10) + " spans"
		if l.negated {
			return "less than " + s
		}
		return "at least " + s
	}
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// clause is literals that must all hold. Without any it holds for every trace.
type clause []literal

// and adds literals, and leaves out what follows from others. It returns false where nothing can fulfil all of them.
func (c clause) and(more ...literal) (clause, bool) {
	out := slices.Clone(c)
	for _, l := range more {
		if slices.ContainsFunc(out, func(o literal) bool { return o.implies(l.not()) }) {
			return nil, false
		}
		if slices.ContainsFunc(out, func(o literal) bool { return o.implies(l) }) {
			continue
		}
		out = slices.DeleteFunc(out, l.implies)
		out = append(out, l)
	}
	return out, true
}

// given is what is left to ask of a trace of which facts is known. It returns false where facts rules the clause out.
func (c clause) given(facts clause) (clause, bool) {
	var out clause
	for _, l := range c {
		if slices.ContainsFunc(facts, func(f literal) bool { return f.implies(l.not()) }) {
			return nil, false
		}
		if !slices.ContainsFunc(facts, func(f literal) bool { return f.implies(l) }) {
			out = append(out, l)
		}
	}
	return out, true
}

// split parts what one rule can ask for from what must be excluded by rules before it.
func (c clause) split() (asked, excluded clause) {
	for _, l := range c {
		if l.inOneRule() {
			asked = append(asked, l)
		} else {
			excluded = append(excluded, l)
		}
	}
	return asked, excluded
}

// matches counts the conditions that different spans may fulfil.
func (c clause) matches() int {
	n := 0
	for _, l := range c {
		if l.fact == spanMatches {
			n++
		}
	}
	return n
}

func (c clause) String() string {
	if len(c) == 0 {
		return "every trace"
	}
	parts := make([]string, 0, len(c))
	for _, l := range c {
		parts = append(parts, l.String())
	}
	return "traces with " + strings.Join(parts, ", and ")
}
