package migrate

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is the configuration of one smart_tail_sampling.
type section struct {
	policies                []*policy
	rules                   []rule
	rest                    float64
	budgetUnit, budgetValue string
	initialWait, maxWait    string
	cacheKept, cacheDropped int64
	found                   []Difference // about options

	top     []string             // comments that belong to no rule
	comment map[*policy][]string // comments of policies
}

// entry is a key with a value that is text, entries, or a list of either.
type entry struct {
	key     string
	text    string // as YAML
	entries []entry
	list    []string  // of texts
	items   [][]entry // of mappings
	above   [][]string
}

// entries is the section as keys in the order of the README's table.
func (s *section) entries() []entry {
	out := []entry{{key: "budget", entries: []entry{{key: s.budgetUnit, text: unlessReference(s.budgetValue)}}}}
	var completion []entry
	if s.initialWait != "" {
		completion = append(completion, entry{key: "initial_wait", text: s.initialWait})
	}
	out = append(out, entry{key: "completion", entries: append(completion, entry{key: "max_wait", text: unlessReference(s.maxWait)})})
	rules := entry{key: "rules"}
	for i := range s.rules {
		r := &s.rules[i]
		if len(r.clause) == 0 && r.action == (action{weigh, 1}) {
			continue // what no rule matches is left to the budget
		}
		rules.items = append(rules.items, r.entries())
		rules.above = append(rules.above, s.takeComment(r.owner))
	}
	if len(rules.items) > 0 {
		out = append(out, rules)
	}
	var cache []entry
	if s.cacheKept > 0 {
		cache = append(cache, entry{key: "kept", text: strconv.FormatInt(s.cacheKept, 10)})
	}
	if s.cacheDropped > 0 {
		cache = append(cache, entry{key: "dropped", text: strconv.FormatInt(s.cacheDropped, 10)})
	}
	if len(cache) > 0 {
		out = append(out, entry{key: "decision_cache", entries: cache})
	}
	return out
}

func (s *section) takeComment(p *policy) []string {
	c := s.comment[p]
	delete(s.comment, p)
	return c
}

var verbs = map[verb]string{drop: "drop", keep: "keep", weigh: "weight", probability: "probability"}

func (r *rule) entries() []entry {
	out := []entry{{key: "name", text: quoted(r.name)}, {key: "action", text: verbs[r.action.verb]}}
	if r.action.verb == weigh || r.action.verb == probability {
		out = append(out, entry{key: verbs[r.action.verb], text: number(r.action.value)})
	}
	var spans [][]string
	var trace []entry
	for _, l := range r.clause {
		switch l.fact {
		case spanMatches:
			spans = append(spans, l.conditions)
		case lastsAtLeast:
			trace = append(trace, entry{key: "min_duration", text: milliseconds(l.least).String()})
		case countsAtLeast:
			trace = append(trace, entry{key: "min_spans", text: strconv.FormatInt(l.least, 10)})
		case containsErrors:
			trace = append(trace, entry{key: "error", text: strconv.FormatBool(!l.negated)})
		}
	}
	var conditions []string
	switch {
	case len(r.clause) == 0:
		conditions = []string{"true"}
	case len(spans) == 1:
		conditions = spans[0]
	case len(spans) > 1:
		conditions = []string{together(spans)}
	}
	if len(conditions) > 0 {
		one := entry{key: "span"}
		for _, c := range conditions {
			one.list = append(one.list, quoted(c))
		}
		out = append(out, one)
	}
	if len(trace) > 0 {
		out = append(out, entry{key: "trace", entries: trace})
	}
	return out
}

// together is the condition that of each list at least one holds.
func together(lists [][]string) string {
	all := make([]string, 0, len(lists))
	for _, conditions := range lists {
		parts := make([]string, 0, len(conditions))
		for _, c := range conditions {
			if len(conditions) > 1 && connected.MatchString(c) {
				c = "(" + c + ")"
			}
			parts = append(parts, c)
		}
		one := strings.Join(parts, " or ")
		if connected.MatchString(one) {
			one = "(" + one + ")"
		}
		all = append(all, one)
	}
	return strings.Join(all, " and ")
}

var connected = regexp.MustCompile(`\b(or|and|not)\b`)

// plain is a string that YAML takes for one without quotation marks.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*$`)

// quoted is a string as YAML.
func quoted(s string) string {
	if plain.MatchString(s) && !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s)) {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' && !strconv.IsPrint(r) }) {
		return doubleQuoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// unlessReference is a number or a duration as YAML. A reference to the environment has braces and is quoted.
func unlessReference(v string) string {
	if reference.MatchString(v) {
		return quoted(v)
	}
	return v
}

// doubleQuoted is a string as JSON, which YAML takes too.
func doubleQuoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string
	return strings.TrimSuffix(b.String(), "\n")
}

// block is the section as lines in block style, which step says how to indent.
func (s *section) block(name, step string) []string {
	entries := s.entries()
	lines := []string{quoted(name) + ":"}
	for _, p := range s.policies {
		s.top = append(s.top, s.takeComment(p)...) // no rule took them
	}
	for _, c := range s.top {
		lines = append(lines, step+c)
	}
	for _, e := range entries {
		for _, l := range e.block(step) {
			lines = append(lines, step+l)
		}
	}
	return lines
}

func (e *entry) block(step string) []string {
	if e.items == nil {
		return []string{e.key + ": " + e.inline(false)}
	}
	lines := []string{e.key + ":"}
	for i, item := range e.items {
		for _, c := range e.above[i] {
			lines = append(lines, step+c)
		}
		mark := "- "
		for _, one := range item {
			for _, l := range one.asLines() {
				lines = append(lines, step+mark+l)
				mark = "  "
			}
		}
	}
	return lines
}

// asLines is an entry of a rule: on one line, unless it is a list of several.
func (e *entry) asLines() []string {
	if len(e.list) < 2 {
		return []string{e.key + ": " + e.inline(false)}
	}
	lines := []string{e.key + ":"}
	for _, l := range e.list {
		lines = append(lines, "  - "+l)
	}
	return lines
}

// inline is a value in flow style, for JSON with double quotation marks.
func (e *entry) inline(asJSON bool) string {
	scalar := func(text string) string {
		if !asJSON {
			return text
		}
		var n yaml.Node
		if yaml.Unmarshal([]byte(text), &n) != nil || len(n.Content) == 0 {
			return text
		}
		if v := n.Content[0]; v.Tag == "!!str" {
			return doubleQuoted(v.Value)
		}
		return text
	}
	switch {
	case e.entries != nil:
		return mapping(e.entries, asJSON)
	case e.items != nil:
		parts := make([]string, 0, len(e.items))
		for _, item := range e.items {
			parts = append(parts, mapping(item, asJSON))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case e.list != nil:
		parts := make([]string, 0, len(e.list))
		for _, l := range e.list {
			parts = append(parts, scalar(l))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalar(e.text)
}

func mapping(entries []entry, asJSON bool) string {
	parts := make([]string, 0, len(entries))
	for i := range entries {
		key := entries[i].key
		if asJSON {
			key = doubleQuoted(key)
		}
		parts = append(parts, key+": "+entries[i].inline(asJSON))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// flow is the section as a key with a value within braces.
func (s *section) flow(name string) string {
	return doubleQuoted(name) + ": " + mapping(s.entries(), true)
}
