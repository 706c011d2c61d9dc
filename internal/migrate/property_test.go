package migrate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// generator draws policies over a small vocabulary, so that they meet each other and the traces.
type generator struct {
	*rapid.T
	limits bool // with limits, of which it is chance what fits
	names  int
}

type options = map[string]any

func one[T any](g *generator, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(g.T, label)
}

func (g *generator) name() string {
	g.names++
	return fmt.Sprintf("policy-%d", g.names)
}

func (g *generator) leaf() options {
	types := []string{
		"always_sample", "latency", "numeric_attribute", "probabilistic", "status_code", "string_attribute", "span_count", "trace_state",
		"trace_flags", "boolean_attribute", "ottl_condition",
	}
	if g.limits {
		types = append(types, "rate_limiting", "bytes_limiting")
	}
	typ := one(g, "type", types...)
	var section options
	invert := rapid.Bool()
	switch typ {
	case "latency":
		section = options{"threshold_ms": one(g, "threshold", -1, 0, 9, 100), "upper_threshold_ms": one(g, "upper", 0, 0, 5, 50, 200)}
	case "numeric_attribute":
		section = options{
			"key": one(g, "key", "a", "b"), "min_value": one(g, "min", -2, 1, 3), "max_value": one(g, "max", 0, -1, 2, 5), "invert_match": invert.Draw(g.T, "invert"),
		}
	case "probabilistic":
		section = options{"sampling_percentage": one(g, "percentage", 0.0, 20.0, 60.0, 100.0), "hash_salt": one(g, "salt", "", "", "x")}
	case "status_code":
		section = options{"status_codes": rapid.SliceOfN(rapid.SampledFrom([]string{"OK", "ERROR", "UNSET"}), 1, 2).Draw(g.T, "codes")}
	case "string_attribute":
		section = options{
			"key": one(g, "key", "a", "b"), "values": rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z", ""}), 0, 3).Draw(g.T, "values"),
			"enabled_regex_matching": rapid.Bool().Draw(g.T, "regex"), "invert_match": invert.Draw(g.T, "invert"),
		}
	case "span_count":
		section = options{"min_spans": one(g, "min", 0, 1, 2, 3), "max_spans": one(g, "max", 0, 0, 2, 4)}
	case "trace_state":
		section = options{"key": "s", "values": []string{one(g, "value", "x", "y")}}
	case "boolean_attribute":
		section = options{"key": one(g, "key", "a", "b"), "value": rapid.Bool().Draw(g.T, "value"), "invert_match": invert.Draw(g.T, "invert")}
	case "ottl_condition":
		section = options{"span": []string{one(g, "condition", `attributes["a"] == "x"`, `span.attributes["b"] == 2`, "IsRootSpan() and status.code == STATUS_CODE_OK")}}
	case "rate_limiting":
		section = options{"spans_per_second": one(g, "rate", 0, 5, 1000)}
	case "bytes_limiting":
		section = options{"bytes_per_second": one(g, "rate", 0, 5, 1000), "burst_capacity": 5000}
	}
	p := options{"name": g.name(), "type": typ}
	if section != nil {
		p[typ] = section
	}
	return p
}

func (g *generator) not() options {
	return options{"name": g.name(), "type": "not", "not": options{"not_sub_policy": g.leaf()}}
}

func (g *generator) and(typ string) options {
	var subs []options
	for range rapid.IntRange(0, 3).Draw(g.T, "subs") {
		if rapid.IntRange(0, 3).Draw(g.T, "not") == 0 {
			subs = append(subs, g.not())
		} else {
			subs = append(subs, g.leaf())
		}
	}
	return options{"name": g.name(), "type": typ, typ: options{typ + "_sub_policy": subs}}
}

func (g *generator) composite() options {
	var subs, shares []options
	for range rapid.IntRange(0, 3).Draw(g.T, "subs") {
		sub := g.leaf()
		if rapid.Bool().Draw(g.T, "and") {
			sub = g.and("and")
		}
		subs = append(subs, sub)
		if rapid.Bool().Draw(g.T, "share") {
			shares = append(shares, options{"policy": sub["name"], "percent": one(g, "percent", 0, 20, 50, 120)})
		}
	}
	return options{"name": g.name(), "type": "composite", "composite": options{
		"max_total_spans_per_second": one(g, "total", 0, 100), "composite_sub_policy": subs, "rate_allocation": shares,
	}}
}

func (g *generator) policy() options {
	kinds := []string{"leaf", "leaf", "leaf", "not", "and", "and", "drop"}
	if g.limits {
		kinds = append(kinds, "composite")
	}
	switch one(g, "kind", kinds...) {
	case "not":
		return g.not()
	case "and":
		return g.and("and")
	case "drop":
		return g.and("drop")
	case "composite":
		return g.composite()
	}
	return g.leaf()
}

// config is a configuration, and the names of its policies.
func (g *generator) config() (text []byte, names []string) {
	var policies []options
	for range rapid.IntRange(0, 5).Draw(g.T, "policies") {
		p := g.policy()
		policies = append(policies, p)
		names = append(names, p["name"].(string))
	}
	text, err := yaml.Marshal(options{"processors": options{"tail_sampling": options{
		"policies": policies, "decision_wait": "5s", "sample_on_first_match": rapid.Bool().Draw(g.T, "first"),
	}}})
	require.NoError(g, err)
	return text, names
}

func (g *generator) trace() traceLine {
	var spans []string
	for range rapid.IntRange(1, 4).Draw(g.T, "spans") {
		spans = append(spans, strings.Join([]string{
			one(g, "duration", "1ms", "10ms", "60ms", "150ms"), one(g, "start", "+0s", "+100ms"), one(g, "status", "", "OK", "ERROR"),
			one(g, "a", "", "a=x", "a=2", "a=-1", "a=true", "a=2.5", "resource.a=y", "resource.a=0"),
			one(g, "b", "", "b=y", "b=2", "b=false", "resource.b=true"), one(g, "state", "", "state:s=x"), one(g, "flags", "", "sampled"),
		}, " "))
	}
	return traceLine(strings.Join(spans, ";"))
}

// Whatever tail_sampling takes becomes what smart_tail_sampling takes, and every policy is accounted for.
func TestEveryPolicyIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &generator{T: rt, limits: true}
		text, names := g.config()
		result, err := Migrate(text, Options{Rest: one(g, "rest", 0, 0.01, 1)})
		require.NoError(rt, err, "%s", text)
		for _, name := range names {
			n := 0
			for _, d := range result.Differences {
				if d.Subject == name {
					n++
					require.NotEmpty(rt, d.Now)
				}
			}
			require.Equal(rt, 1, n, "%s in\n%s", name, text)
		}
		_, err = Migrate(result.Output, Options{})
		require.ErrorIs(rt, err, ErrNothing)
	})
}

// Where both samplers decide otherwise, a policy is listed as one that differs.
func TestEveryDisagreementIsListed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &generator{T: rt}
		text, _ := g.config()
		var traces [][]ptrace.Traces
		var lines []traceLine
		for n := range 6 {
			lines = append(lines, g.trace())
			traces = append(traces, lines[n].copies(copiesOfEach, uint64(n)))
		}
		result, err := Migrate(text, Options{Rest: DefaultRest})
		require.NoError(rt, err, "%s", text)
		sampled, err := runOld(t, processorSection(t, text, oldType), traces)
		if err != nil {
			require.Equal(rt, Lost, result.Worst(), "does not start: %v\n%s", err, text)
			return
		}
		if excused(result) {
			return
		}
		for i, o := range runNew(t, processorSection(t, result.Output, newType), traces) {
			o.sampled = sampled[i]
			require.True(rt, o.agrees(6), "%q: %+v\n%s\n%s", lines[i], o, text, result.Output)
		}
	})
}
