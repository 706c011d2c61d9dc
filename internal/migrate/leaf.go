package migrate

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// leaf reads a policy without policies of its own, and returns its alternatives: one, or none where it samples nothing. It returns
// false for a type that tail_sampling does not have.
func (p *policy) leaf(typ string, r *reader) ([]term, bool) {
	read, ok := leaves[typ]
	if !ok {
		return nil, false
	}
	section := r.below(typ)
	t, always := read(p, section)
	r.rest(section)
	if !always {
		return nil, true
	}
	return []term{t}, true
}

// leaves reads the section of each type. The result is false where no trace is sampled.
var leaves = map[string]func(*policy, *reader) (term, bool){
	"always_sample":     func(*policy, *reader) (term, bool) { return term{}, true },
	"latency":           (*policy).latency,
	"numeric_attribute": (*policy).numericAttribute,
	"probabilistic":     (*policy).probabilistic,
	"status_code":       (*policy).statusCode,
	"string_attribute":  (*policy).stringAttribute,
	"rate_limiting":     (*policy).rateLimiting,
	"bytes_limiting":    (*policy).bytesLimiting,
	"span_count":        (*policy).spanCount,
	"trace_state":       (*policy).traceState,
	"trace_flags":       (*policy).traceFlags,
	"boolean_attribute": (*policy).booleanAttribute,
	"ottl_condition":    (*policy).ottlCondition,
}

func asked(ls ...literal) (term, bool) {
	c, ok := clause(nil).and(ls...)
	return term{clause: c}, ok
}

// anySpan asks for a span that fulfils one of the conditions, or for none that does.
func anySpan(conditions []string, inverted bool, words string) (term, bool) {
	if len(conditions) == 0 {
		return term{}, inverted
	}
	return asked(literal{fact: spanMatches, conditions: conditions, words: words, negated: inverted})
}

func (p *policy) latency(r *reader) (term, bool) {
	least, most := r.integer("threshold_ms"), r.integer("upper_threshold_ms")
	const longest = math.MaxInt64 / 1_000_000 // milliseconds of a duration
	if least >= longest {
		return term{}, false
	}
	var ls []literal
	if least >= 0 {
		ls = append(ls, literal{fact: lastsAtLeast, least: least + 1}) // whole milliseconds, more than the threshold
	}
	if most != 0 {
		if most < 0 {
			return term{}, false
		}
		if most < longest {
			ls = append(ls, literal{fact: lastsAtLeast, least: most + 1, negated: true})
		}
		p.differs("it also sampled longer traces, where the spans that had come first lasted long enough and not too long; now the whole trace counts")
	}
	return asked(ls...)
}

func (p *policy) spanCount(r *reader) (term, bool) {
	least, most := r.integer("min_spans"), r.integer("max_spans")
	var ls []literal
	if least > 1 { // a trace has a span
		ls = append(ls, literal{fact: countsAtLeast, least: least})
	}
	if most < 0 {
		return term{}, false
	}
	if most > 0 {
		ls = append(ls, literal{fact: countsAtLeast, least: most + 1, negated: true})
	}
	return asked(ls...)
}

func (p *policy) statusCode(r *reader) (term, bool) {
	codes := r.texts("status_codes")
	if len(codes) == 0 {
		p.malformed("status_code::status_codes is empty, and tail_sampling does not start")
		return term{}, false
	}
	var conditions []string
	for _, c := range codes {
		if c != "OK" && c != "ERROR" && c != "UNSET" {
			p.malformed("status_code::status_codes: %q is none of OK, ERROR and UNSET, and tail_sampling does not start", c)
			continue
		}
		if condition := "status.code == STATUS_CODE_" + c; !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	}
	if len(conditions) == 1 && codes[0] == "ERROR" {
		return asked(literal{fact: containsErrors})
	}
	return anySpan(conditions, false, "status "+strings.Join(codes, " or "))
}

// Attributes of a span, and of its resource.
func attributes(key string) [2]string {
	k := "attributes[" + strconv.Quote(key) + "]"
	return [2]string{k, "resource." + k}
}

func (p *policy) stringAttribute(r *reader) (term, bool) {
	key, values := r.text("key"), r.texts("values")
	patterns, inverted := r.boolean("enabled_regex_matching"), r.boolean("invert_match")
	r.integer("cache_max_size") // of results, which are not kept here
	var conditions []string
	for _, a := range attributes(key) {
		for _, v := range values {
			switch {
			case patterns:
				if c := p.pattern(a, v); c != "" {
					conditions = append(conditions, c)
				}
			case v != "":
				conditions = append(conditions, a+" == "+strconv.Quote(v))
			}
		}
	}
	relation := " = "
	if patterns {
		relation = " =~ "
	}
	return anySpan(conditions, inverted, key+relation+strings.Join(values, " or "))
}

// pattern is the condition that an attribute matches a regular expression. tail_sampling takes what is no string for an empty one,
// and never asks the empty ones of spans.
func (p *policy) pattern(attribute, pattern string) string {
	expression, err := regexp.Compile(expanded(pattern))
	if err != nil {
		p.malformed("string_attribute::values: %q is no regular expression, and tail_sampling does not start", pattern)
		return ""
	}
	quoted := strconv.Quote(pattern)
	ofResource := strings.HasPrefix(attribute, "resource.")
	switch empty := expression.MatchString(""); {
	case empty && ofResource:
		return fmt.Sprintf("%s != nil and (not IsString(%s) or IsMatch(%s, %s))", attribute, attribute, attribute, quoted)
	case empty:
		return fmt.Sprintf(`IsString(%s) and %s != "" and IsMatch(%s, %s)`, attribute, attribute, attribute, quoted)
	default:
		return fmt.Sprintf("IsString(%s) and IsMatch(%s, %s)", attribute, attribute, quoted)
	}
}

// numericAttribute: a bound of 0 is none, and what is no whole number counts as 0.
func (p *policy) numericAttribute(r *reader) (term, bool) {
	key, least, most, inverted := r.text("key"), r.integer("min_value"), r.integer("max_value"), r.boolean("invert_match")
	if least == 0 && most == 0 {
		p.malformed("numeric_attribute has neither min_value nor max_value other than 0, and tail_sampling crashes at the first trace")
		return term{}, false
	}
	if most == 0 {
		most = math.MaxInt64
	}
	if least == 0 {
		least = math.MinInt64
	}
	var conditions []string
	for _, a := range attributes(key) {
		c := "IsInt(" + a + ")"
		if least > math.MinInt64 {
			c += fmt.Sprintf(" and %s >= %d", a, least)
		}
		if most < math.MaxInt64 {
			c += fmt.Sprintf(" and %s <= %d", a, most)
		}
		if least <= most {
			conditions = append(conditions, c)
		}
		if least <= 0 && most >= 0 {
			conditions = append(conditions, fmt.Sprintf("%s != nil and not IsInt(%s)", a, a))
		}
	}
	words := fmt.Sprintf("%s from %d to %d", key, least, most)
	switch {
	case least == math.MinInt64:
		words = fmt.Sprintf("%s <= %d", key, most)
	case most == math.MaxInt64:
		words = fmt.Sprintf("%s >= %d", key, least)
	}
	return anySpan(conditions, inverted, words)
}

func (p *policy) booleanAttribute(r *reader) (term, bool) {
	key, value, inverted := r.text("key"), r.boolean("value"), r.boolean("invert_match")
	var conditions []string
	for _, a := range attributes(key) {
		if value {
			conditions = append(conditions, a+" == true")
		} else { // what is no truth value counts as false
			conditions = append(conditions, fmt.Sprintf("%s != nil and %s != true", a, a))
		}
	}
	return anySpan(conditions, inverted, fmt.Sprintf("%s = %v", key, value))
}

func (p *policy) traceState(r *reader) (term, bool) {
	key, values := r.text("key"), r.texts("values")
	var conditions []string
	for _, v := range values {
		if v != "" && len(key)+len(v) < 256 { // longer ones are left out by tail_sampling
			conditions = append(conditions, "trace_state["+strconv.Quote(key)+"] == "+strconv.Quote(v))
		}
	}
	return anySpan(conditions, false, fmt.Sprintf("%s = %s in its tracestate", key, strings.Join(values, " or ")))
}

func (p *policy) traceFlags(*reader) (term, bool) {
	return anySpan([]string{"flags - flags / 2 * 2 == 1"}, false, "the sampled flag") // the lowest bit: sampled
}

func (p *policy) ottlCondition(r *reader) (term, bool) {
	mode, span, event := r.text("error_mode"), r.texts("span"), r.texts("spanevent")
	if len(span)+len(event) == 0 {
		p.malformed("ottl_condition has no condition, and tail_sampling does not start")
		return term{}, false
	}
	if mode == "propagate" {
		p.differs("a condition that cannot be evaluated ended the policy for that trace; now it counts as not fulfilled, and the others are asked")
	}
	if len(event) > 0 {
		p.lost("conditions on span events (%s) have no counterpart: rules ask spans, resources and whole traces", strings.Join(event, "; "))
	}
	var conditions []string
	for _, c := range span {
		if err := compiles(c); err != nil {
			p.lost("this version of the collector does not take the condition %q: %v", c, err)
			continue
		}
		conditions = append(conditions, strings.TrimSpace(c))
	}
	return anySpan(conditions, false, strings.Join(conditions, " or "))
}

const otherTraces = "the same share of other traces: the choice goes by the randomness of the trace id (W3C), not by a salted hash, and is written on the spans"

func (p *policy) probabilistic(r *reader) (term, bool) {
	salt, percentage := r.text("hash_salt"), r.number("sampling_percentage")
	if salt == "" {
		salt = "default-hash-seed"
	}
	switch {
	case percentage <= 0:
		return term{}, false
	case percentage >= 100:
		return term{}, true
	}
	p.differs(otherTraces)
	return term{draws: []draw{{salt, 0, math.Round(percentage*1e10) / 1e12}}}, true
}

func (p *policy) rateLimiting(r *reader) (term, bool) {
	return p.limited(r, "spans_per_second")
}

func (p *policy) bytesLimiting(r *reader) (term, bool) {
	return p.limited(r, "bytes_per_second")
}

// limited reads a limit. The burst has no counterpart: the budget holds over ten seconds.
func (p *policy) limited(r *reader, unit string) (term, bool) {
	value := strings.TrimSpace(r.text(unit))
	r.integer("burst_capacity")
	if reference.MatchString(value) {
		return term{limits: []limit{{unit, value}}}, true
	}
	n := r.integer(unit)
	return term{limits: []limit{{unit, strconv.FormatInt(n, 10)}}}, n > 0
}

// reference is a value that is one reference to the environment.
var reference = regexp.MustCompile(`^\$\{[^${}]+\}$`)
