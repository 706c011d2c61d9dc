package migrate

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is how much of a policy or an option is left.
type Kind uint8

// The kinds of a difference, from none to all.
const (
	Same    Kind = iota // the same traces are kept, by other means
	Differs             // other traces may be kept, or at another time
	Lost                // there is no counterpart, or it was not valid
)

var kindNames = [...]string{"same", "differs", "lost"}

func (k Kind) String() string { return kindNames[k] }

// MarshalText gives the kind as a word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Difference is what became of one policy or option.
type Difference struct {
	Line      int    `json:"line"` // of the input
	Processor string `json:"processor"`
	Subject   string `json:"subject"` // the policy's name, or the option
	Kind      Kind   `json:"kind"`
	Was       string `json:"was"` // what it did
	Now       string `json:"now"` // what takes its place

	why []string // of a policy: what of it says how decisions differ
}

// Worst is the greatest of the kinds.
func (r *Result) Worst() Kind {
	worst := Same
	for _, d := range r.Differences {
		worst = max(worst, d.Kind)
	}
	return worst
}

// WriteText writes the differences, one below the other, and how many there are of each kind.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	var counts [len(kindNames)]int
	last := ""
	width := 0
	for _, d := range r.Differences {
		width = max(width, len(strconv.Itoa(d.Line)))
	}
	for _, d := range r.Differences {
		if d.Processor != last {
			if last != "" {
				b.WriteByte('\n')
			}
			last = d.Processor
			name, _ := renamed(last)
			fmt.Fprintf(&b, "%s -> %s\n", last, name)
		}
		counts[d.Kind]++
		fmt.Fprintf(&b, "%*d  %-7s  %s: %s\n", width+2, d.Line, d.Kind, d.Subject, d.Was)
		for i, line := range strings.Split(d.Now, "\n") {
			mark := "->"
			if i > 0 {
				mark = "  "
			}
			fmt.Fprintf(&b, "%*s%s %s\n", width+13, "", mark, line)
		}
	}
	fmt.Fprintf(&b, "\n%d the same, %d differ, %d without a counterpart\n", counts[Same], counts[Differs], counts[Lost])
	_, err := io.WriteString(w, b.String())
	return err
}

// differences of one processor, in the order of the file.
func (s *section) differences(p *processor) []Difference {
	out := slices.Clone(s.found)
	kind, now := s.others()
	out = append(out, Difference{
		Line: p.key.Line, Subject: "traces that no policy samples", Kind: kind, Was: "dropped", Now: now,
	}, Difference{
		Line: p.key.Line, Subject: "spans", Kind: Same,
		Was: "sent as they came in, or with the attribute tailsampling.policy",
		Now: "sent with their sampling threshold (ot=th in the tracestate), by which counts add up; root spans say why (assay.sampling.reason, as rule:NAME)",
	})
	for _, p := range s.policies {
		out = append(out, p.difference(s.rules))
	}
	for i := range out {
		out[i].Processor = p.name
	}
	slices.SortStableFunc(out, func(a, b Difference) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

// others says what happens to the traces that no policy samples.
func (s *section) others() (Kind, string) {
	last := s.rules[len(s.rules)-1]
	switch {
	case last.owner == nil && last.action.verb == drop:
		return Same, "dropped by rule " + last.name
	case last.owner == nil:
		return Differs, fmt.Sprintf("each kept with probability %s, by rule %s: an even share, so that counts of all traces can be estimated; --rest 0 drops them",
			number(last.action.value), last.name)
	case last.action.verb == weigh:
		return Differs, "there are none: a limit is on all traces, and the budget keeps a share of each sort"
	}
	return Same, "there are none: a policy is about all traces"
}

// difference says what became of a policy.
func (p *policy) difference(rules []rule) Difference {
	d := Difference{Line: p.line, Subject: cmp.Or(p.name, "policy without a name"), Kind: p.kind, Was: p.was(), why: p.why}
	var now, before []string
	for i := range rules {
		if r := &rules[i]; r.owner == p {
			now = append(now, "rule "+r.String())
		} else if slices.Contains(r.aside, p) {
			before = append(before, r.name)
		}
	}
	if len(before) > 0 {
		what := "traces that it excludes go by "
		if p.drops {
			what = "traces that it is not or only in part about go by "
		}
		now = append(now, what+strings.Join(before, ", "))
	}
	switch {
	case len(now) > 0:
	case p.kind == Lost:
		now = append(now, "nothing")
	case len(p.limits) > 0:
		now = append(now, "the budget")
	case len(p.terms)+len(p.parts) == 0:
		now = append(now, "nothing: it never samples a trace")
	default:
		now = append(now, "nothing: its traces are matched by the rules of other policies")
	}
	d.Now = strings.Join(append(now, p.notes...), "\n")
	return d
}

// was says what a policy did, by its type.
func (p *policy) was() string {
	does := "sampled "
	if p.drops {
		does = "dropped "
	}
	var what []string
	for _, t := range p.terms {
		what = append(what, t.String())
	}
	for _, part := range p.parts {
		for _, t := range part.terms {
			what = append(what, t.String())
		}
	}
	typ := cmp.Or(p.typ, "no type")
	switch {
	case len(what) > 0:
		return typ + ", " + does + strings.Join(what, "; or ")
	case p.kind == Lost:
		return typ
	}
	return typ + ", " + does + "nothing"
}

func (t *term) String() string {
	var s strings.Builder
	if chance := t.probability(); chance < 1 {
		fmt.Fprintf(&s, "%s %% of ", number(math.Round(chance*1e10)/1e8))
	}
	s.WriteString(t.clause.String())
	for _, l := range t.limits {
		fmt.Fprintf(&s, ", up to %s %s", l.value, l.unit)
	}
	return s.String()
}

func (r *rule) String() string {
	does := map[verb]string{drop: "drops ", keep: "keeps ", weigh: "leaves to the budget, with weight " + number(r.action.value) + ", "}[r.action.verb]
	if r.action.verb == probability {
		does = "keeps with probability " + number(r.action.value) + " "
	}
	what := r.clause.String()
	if len(r.clause) == 0 {
		what = "all traces that no rule before is about"
	}
	return r.name + " " + does + what
}
