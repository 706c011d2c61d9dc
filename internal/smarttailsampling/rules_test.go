package smarttailsampling

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// match tells which rule the first span of a batch matches, and how many conditions failed to evaluate.
func match(t *testing.T, td ptrace.Traces, rules ...RuleConfig) (rule int, failed int) {
	t.Helper()
	m, err := newMatcher(rules, componenttest.NewNopTelemetrySettings(), func(error) { failed++ })
	require.NoError(t, err)
	rs := td.ResourceSpans().At(0)
	ss := rs.ScopeSpans().At(0)
	return m.Match(rs, ss, ss.Spans().At(0)), failed
}

func TestRuleConditions(t *testing.T) {
	td := trace(traceID(1, 0.5), with("url.path", "/healthz"), with("body", "not json"))
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("tenant", "acme")
	td.ResourceSpans().At(0).ScopeSpans().At(0).Scope().SetName("http")
	span := func(conditions ...string) RuleConfig { return RuleConfig{Name: "r", Action: "keep", Span: conditions} }
	resource := func(conditions ...string) RuleConfig {
		return RuleConfig{Name: "r", Action: "keep", Resource: conditions}
	}
	both := func(span, resource string) RuleConfig {
		return RuleConfig{Name: "r", Action: "keep", Span: []string{span}, Resource: []string{resource}}
	}
	yes, no := `name == "GET /"`, `name == "POST /"`
	ours, theirs := `attributes["tenant"] == "acme"`, `attributes["tenant"] == "globex"`
	cases := []struct {
		name   string
		rules  []RuleConfig
		want   int
		failed int
	}{
		{name: "span", rules: []RuleConfig{span(yes)}, want: 0},
		{name: "span, none", rules: []RuleConfig{span(no)}, want: -1},
		{name: "any of the span's", rules: []RuleConfig{span(no, yes)}, want: 0},
		{name: "resource", rules: []RuleConfig{resource(ours)}, want: 0},
		{name: "any of the resource's", rules: []RuleConfig{resource(theirs, ours)}, want: 0},
		{name: "both", rules: []RuleConfig{both(yes, ours)}, want: 0},
		{name: "only the span", rules: []RuleConfig{both(yes, theirs)}, want: -1},
		{name: "only the resource", rules: []RuleConfig{both(no, ours)}, want: -1},
		{name: "the first of many", rules: []RuleConfig{span(no), resource(ours), span(yes)}, want: 1},
		{name: "attributes", rules: []RuleConfig{span(`attributes["url.path"] == "/healthz"`)}, want: 0},
		{name: "the resource of a span", rules: []RuleConfig{span(`resource.attributes["tenant"] == "acme"`)}, want: 0},
		{name: "the scope of a span", rules: []RuleConfig{span(`instrumentation_scope.name == "http"`)}, want: 0},
		{name: "duration", rules: []RuleConfig{span(`end_time - start_time == Duration("1ms")`)}, want: 0},
		{name: "root", rules: []RuleConfig{span(`parent_span_id == SpanID(0x0000000000000000)`)}, want: 0},
		{name: "root, as in tail_sampling", rules: []RuleConfig{span(`IsRootSpan()`)}, want: 0},
		{name: "everything", rules: []RuleConfig{span(`true`)}, want: 0},
		{name: "functions", rules: []RuleConfig{span(`IsMatch(attributes["url.path"], "^/health")`)}, want: 0},
		{name: "a missing attribute", rules: []RuleConfig{span(`attributes["none"] == "x"`)}, want: -1},
		{name: "an error does not match", rules: []RuleConfig{span(`ParseJSON(attributes["body"])["a"] == "b"`)}, want: -1, failed: 1},
		{name: "after an error the next one counts", rules: []RuleConfig{span(`ParseJSON(attributes["body"])["a"] == "b"`, yes)}, want: 0, failed: 1},
		{name: "after an error the next rule counts", rules: []RuleConfig{span(`ParseJSON(attributes["body"])["a"] == "b"`), span(yes)}, want: 1, failed: 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rule, failed := match(t, td, c.rules...)
			assert.Equal(t, c.want, rule)
			assert.Equal(t, c.failed, failed)
		})
	}
}

func TestNoRulesNoMatcher(t *testing.T) {
	m, err := newMatcher(nil, componenttest.NewNopTelemetrySettings(), nil)
	require.NoError(t, err)
	assert.Nil(t, m)
	e, err := changed(nil).Engine(componenttest.NewNopTelemetrySettings(), nil)
	require.NoError(t, err)
	assert.Nil(t, e.Matcher, "an interface that holds nil would not be nil")
}

// Batches are matched by many goroutines at once.
func TestMatcherIsConcurrent(t *testing.T) {
	var failed atomic.Int64
	m, err := newMatcher([]RuleConfig{{Name: "r", Action: "keep", Span: []string{`ParseJSON(name)["a"] == "b"`, `attributes["n"] == "3"`}}},
		componenttest.NewNopTelemetrySettings(), func(error) { failed.Add(1) })
	require.NoError(t, err)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			td := trace(traceID(g, 0.5), with("n", string(rune('0'+g))))
			rs := td.ResourceSpans().At(0)
			ss := rs.ScopeSpans().At(0)
			for range 500 {
				want := -1
				if g == 3 {
					want = 0
				}
				if m.Match(rs, ss, ss.Spans().At(0)) != want {
					t.Error("matched another goroutine's span")
					return
				}
			}
		})
	}
	all.Wait()
	assert.Equal(t, int64(2000), failed.Load())
}

// Each action does what its name says, from configuration to output.
func TestRuleActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := started(t, func(c *Config) {
			c.Budget.Percentage, c.Baseline = ptr(1.0), 1
			c.Rules = []RuleConfig{
				{Name: "noise", Action: "drop", Span: []string{`attributes["kind"] == "noise"`}},
				{Name: "vip", Action: "keep", Span: []string{`attributes["kind"] == "vip"`}},
				{Name: "half", Action: "probability", Probability: ptr(0.5), Span: []string{`attributes["kind"] == "half"`}},
				{Name: "dull", Action: "weight", Weight: ptr(0.5), Span: []string{`attributes["kind"] == "dull"`}},
			}
		}, nil)
		kinds := []string{"noise", "vip", "half", "dull", "none"}
		const each = 40
		for n := range each * len(kinds) {
			p.send(trace(traceID(n, float64(n/len(kinds))/each), with("kind", kinds[n%len(kinds)])))
			wait(100 * time.Millisecond)
		}
		wait(15 * time.Second)
		p.stop()
		kept, reasons := map[string]int{}, map[string]map[string]bool{}
		for _, spans := range p.arrived() {
			kind := spans[0].Attributes().AsRaw()["kind"].(string)
			kept[kind]++
			if reasons[kind] == nil {
				reasons[kind] = map[string]bool{}
			}
			reasons[kind][spans[0].Attributes().AsRaw()["assay.sampling.reason"].(string)] = true
		}
		assert.Zero(t, kept["noise"])
		assert.Equal(t, each, kept["vip"])
		assert.Equal(t, map[string]bool{"rule:vip": true}, reasons["vip"])
		assert.LessOrEqual(t, kept["half"], each/2)
		for r := range reasons["half"] {
			assert.Equal(t, "rule:half", r)
		}
		for _, kind := range []string{"dull", "none"} {
			assert.LessOrEqual(t, kept[kind], 5)
			assert.NotContains(t, reasons[kind], "rule:"+kind)
		}
	})
}

// A rule on the whole trace asks for its duration, its size or an error anywhere, beside what its spans must be; the first rule that
// matches wins, whatever kind it is of.
func TestRulesOnTheWholeTrace(t *testing.T) {
	long := TraceConfig{MinDuration: 50 * time.Millisecond}
	for name, c := range map[string]struct {
		rules []RuleConfig
		want  string // reason
	}{
		"long":                 {[]RuleConfig{{Name: "long", Action: "keep", Trace: &long}}, "rule:long"},
		"not so long":          {[]RuleConfig{{Name: "long", Action: "keep", Trace: &TraceConfig{MinDuration: time.Minute}}}, "baseline"},
		"an error":             {[]RuleConfig{{Name: "failed", Action: "keep", Trace: &TraceConfig{Error: ptr(true)}}}, "rule:failed"},
		"no error":             {[]RuleConfig{{Name: "fine", Action: "keep", Trace: &TraceConfig{Error: ptr(false)}}}, "baseline"},
		"spans":                {[]RuleConfig{{Name: "big", Action: "keep", Trace: &TraceConfig{MinSpans: 2}}}, "rule:big"},
		"more spans":           {[]RuleConfig{{Name: "big", Action: "keep", Trace: &TraceConfig{MinSpans: 3}}}, "baseline"},
		"all of it":            {[]RuleConfig{{Name: "all", Action: "keep", Trace: &TraceConfig{MinDuration: time.Millisecond, MinSpans: 2, Error: ptr(true)}}}, "rule:all"},
		"and a span":           {[]RuleConfig{{Name: "r", Action: "keep", Trace: &long, Span: []string{`name == "GET /"`}}}, "rule:r"},
		"and no such span":     {[]RuleConfig{{Name: "r", Action: "keep", Trace: &long, Span: []string{`name == "x"`}}}, "baseline"},
		"the first of two":     {[]RuleConfig{{Name: "a", Action: "keep", Trace: &long}, {Name: "b", Action: "keep", Span: []string{"true"}}}, "rule:a"},
		"another one before":   {[]RuleConfig{{Name: "b", Action: "keep", Span: []string{"true"}}, {Name: "a", Action: "keep", Trace: &long}}, "rule:b"},
		"behind one that does": {[]RuleConfig{{Name: "a", Action: "keep", Trace: &TraceConfig{MinSpans: 9}}, {Name: "b", Action: "keep", Trace: &long}}, "rule:b"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := started(t, func(cfg *Config) { cfg.Rules = c.rules }, nil)
				p.send(trace(traceID(1, 0.5), func(s ptrace.Span) {
					s.SetEndTimestamp(s.StartTimestamp() + 100e6)
					s.Status().SetCode(ptrace.StatusCodeError)
				}))
				wait(11 * time.Second)
				require.Len(t, p.sink.AllTraces(), 1)
				reason := ""
				for _, rs := range p.sink.AllTraces()[0].ResourceSpans().All() {
					for _, ss := range rs.ScopeSpans().All() {
						for _, s := range ss.Spans().All() {
							if v, ok := s.Attributes().Get("assay.sampling.reason"); ok {
								reason = v.Str()
							}
						}
					}
				}
				if c.want == "baseline" {
					assert.NotContains(t, reason, "rule:")
				} else {
					assert.Equal(t, c.want, reason)
				}
				m, err := p.telemetry.GetMetric("otelcol_processor_smart_tail_sampling_rule_traces")
				require.NoError(t, err)
				sum := int64(0)
				for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
					sum += dp.Value
				}
				assert.Len(t, m.Data.(metricdata.Sum[int64]).DataPoints, len(c.rules))
				assert.Equal(t, c.want != "baseline", sum == 1)
				p.stop()
			})
		})
	}
}
