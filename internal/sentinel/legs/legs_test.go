package legs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// collector is a configuration of connectors and pipelines.
func collector(pipelines map[string]any, connectors ...string) *confmap.Conf {
	joins := map[string]any{}
	for _, c := range connectors {
		joins[c] = nil
	}
	return confmap.NewFromStringMap(map[string]any{"connectors": joins, "exporters": map[string]any{}, "service": map[string]any{"pipelines": pipelines}})
}

func from(receivers ...any) func(exporters ...any) map[string]any {
	return func(exporters ...any) map[string]any {
		return map[string]any{"receivers": receivers, "exporters": exporters}
	}
}

func TestUnwatched(t *testing.T) {
	const none, silent, through = "there is no backend to look traces up in", "no backend says that this exporter leads to it", "no trace of a sentinel goes through this pipeline"
	for name, tc := range map[string]struct {
		pipelines  map[string]any
		connectors []string
		backends   []Backend
		want       []Leg
	}{
		"an exporter of the sentinel beside another one sees nothing of that": {
			map[string]any{"traces": from("otlp", "sentinel")("otlp_grpc", "sentinel")}, nil, nil, []Leg{{"traces", "otlp_grpc", none}},
		},
		"a backend behind the only exporter": {
			map[string]any{"traces": from("otlp", "sentinel")("otlp_grpc", "sentinel")}, nil, []Backend{{Name: "tempo"}}, nil,
		},
		"what keeps nothing is no leg, and what keeps it here has no backend": {
			map[string]any{"traces": from("sentinel")("otlp", "debug", "debug/x", "nop", "file")}, nil, []Backend{{Name: "tempo"}}, []Leg{{"traces", "file", silent}},
		},
		"of two exporters one has the backend's name": {
			map[string]any{"traces": from("sentinel")("otlp/eu", "otlp/us")}, nil, []Backend{{Name: "eu"}}, []Leg{{"traces", "otlp/us", silent}},
		},
		"of two exporters nobody says which": {
			map[string]any{"traces": from("sentinel")("otlp/eu", "otlp/us")},
			nil,
			[]Backend{{Name: "tempo"}},
			[]Leg{{"traces", "otlp/eu", silent}, {"traces", "otlp/us", silent}},
		},
		"both lead to one": {
			map[string]any{"traces": from("sentinel")("otlp/eu", "otlp/us")}, nil, []Backend{{"tempo", []string{"otlp/eu", "otlp/us"}}}, nil,
		},
		"another pipeline is not looked at, nor are metrics": {
			map[string]any{
				"traces": from("sentinel")("otlp"), "traces/2": from("zipkin")("kafka", "otlp"), "metrics": from("sentinel")("prometheusremotewrite"),
			}, nil, []Backend{{Name: "otlp"}}, []Leg{{"traces/2", "kafka", through}, {"traces/2", "otlp", through}},
		},
		"connectors lead on": {
			map[string]any{
				"traces/in": from("otlp", "sentinel")("forward", "sentinel/in"), "traces/out": from("forward")("otlp", "spanmetrics"),
				"traces/loop": from("forward/loop")("forward/loop", "kafka"), "metrics": from("spanmetrics")("prometheus"),
			}, []string{"forward", "forward/loop", "spanmetrics"}, nil, []Leg{{"traces/loop", "kafka", through}, {"traces/out", "otlp", none}},
		},
		"traces of a sentinel elsewhere go where they are judged": {
			map[string]any{"traces": from("otlp")("otlp", "sentinel")}, nil, []Backend{{Name: "tempo"}}, nil,
		},
		"nothing at all": {map[string]any{}, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Unwatched(collector(tc.pipelines, tc.connectors...), tc.backends)
			require.NoError(t, err)
			assert.Equal(t, append([]Leg{}, tc.want...), append([]Leg{}, got...))
		})
	}
}

// An exporter that is named and that the sentinel's traces do not come to is a mistake.
func TestNamedExportersAreReached(t *testing.T) {
	conf := collector(map[string]any{"traces": from("sentinel")("otlp"), "traces/2": from("zipkin")("kafka")})
	for _, name := range []string{"otlp/none", "kafka"} {
		_, err := Unwatched(conf, []Backend{{"tempo", []string{name}}})
		require.EqualError(t, err, `backends::tempo::exporters: no pipeline of traces brings those of a sentinel to "`+name+`"`)
	}
}
