package watch

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/sentinel/legs"
)

// The first sentence says who is fine and who is not, and what nobody sees.
func TestSummary(t *testing.T) {
	intake, kept := Vantage{Name: "sentinel/intake", Kind: Pipeline, State: OK}, Vantage{Name: "sentinel/kept", Kind: Pipeline, State: OK}
	jaeger := Vantage{Name: "jaeger", Kind: Backend, State: OK}
	worse := func(v Vantage, s State, harmed bool, reason string) Vantage {
		v.State, v.harmed, v.Reason = s, harmed, reason
		return v
	}
	for want, r := range map[string]*Report{
		"Nothing is known yet, and no verdict can be due.":                          {State: Starting, Vantages: []Vantage{worse(intake, Starting, false, "none")}},
		"The collector and jaeger are fine.":                                        {State: OK, Vantages: []Vantage{jaeger, intake, kept}},
		"The collector is fine. Nobody watches what is lost behind otlp and kafka.": {State: OK, Vantages: []Vantage{intake}, Unwatched: []legs.Leg{{Exporter: "otlp"}, {Exporter: "otlp"}, {Exporter: "kafka"}}},
		"The collector is fine. Nobody watches what is lost behind a, b, c and 2 others.": {
			State: OK, Vantages: []Vantage{intake}, Unwatched: []legs.Leg{{Exporter: "a"}, {Exporter: "b"}, {Exporter: "c"}, {Exporter: "d"}, {Exporter: "e"}},
		},
		"The collector is fine; jaeger has lost all traces.": {State: Degraded, Vantages: []Vantage{worse(jaeger, Degraded, true, "has lost all traces"), intake, kept}},
		"jaeger and sentinel/intake are fine; sentinel/kept: the sampler: too few.": {
			State: Degraded, Vantages: []Vantage{jaeger, intake, worse(kept, Degraded, false, "the sampler: too few")},
		},
		"The collector is fine; of jaeger nothing is known: it does not answer. Nobody watches what is lost behind file.": {
			State: Unknown, Vantages: []Vantage{worse(jaeger, Unknown, false, "it does not answer"), intake}, Unwatched: []legs.Leg{{Exporter: "file"}},
		},
		"sentinel/intake has lost all traces; of jaeger nothing is known: it does not answer.": {
			State: Degraded, Vantages: []Vantage{worse(intake, Degraded, true, "has lost all traces"), worse(jaeger, Unknown, false, "it does not answer")},
		},
		"Nothing is known: nothing is judged.": {State: Unknown, Reasons: []string{"nothing is judged"}},
	} {
		assert.Equal(t, want, r.summary())
	}
}
