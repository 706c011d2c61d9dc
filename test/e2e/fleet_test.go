package e2e

import (
	"math"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.yaml.in/yaml/v3"
)

// fleet is agents and gateways of the examples, and what went through them.
type fleet struct {
	load     *fleetLoad
	agents   []*fleetAgent
	gateways []*fleetGateway
	gone     int // traces that a killed gateway had not decided, at most
}

// fleetAgent runs an agent's example.
type fleetAgent struct {
	*collector
	http   string
	list   string // file with the list of gateways
	starts int
}

// fleetGateway runs a gateway's example. Beside what its sampler keeps it writes all that comes in.
type fleetGateway struct {
	*collector
	name, receives, telemetry string
	seen, kept                *spanFile
}

// startGateway runs an example with a budget and waits for a test, and with files where the backend would be.
func (f *fleet) startGateway(t *testing.T, name, example string, env ...string) *fleetGateway {
	t.Helper()
	dir := t.TempDir()
	g := &fleetGateway{name: name, seen: newSpanFile(filepath.Join(dir, "seen.jsonl")), kept: newSpanFile(filepath.Join(dir, "kept.jsonl"))}
	file := filepath.Join(repository(t), "examples", example)
	overlay, moved := relocate(t, file)
	receiver := "otlp"
	if example == "kafka-gateway.yaml" {
		receiver = "kafka"
	}
	changes := writeYAML(t, section{
		"processors": section{"smart_tail_sampling": section{
			"budget":     section{"spans_per_second": nil, "percentage": 25},
			"completion": section{"initial_wait": "1s", "max_wait": fleetMaxWait.String()}, "memory": section{"limit_mib": 64},
		}},
		"exporters": section{
			"file/seen": section{"path": g.seen.path, "flush_interval": "100ms"}, "file/kept": section{"path": g.kept.path, "flush_interval": "100ms"},
		},
		"service": section{"pipelines": section{
			"traces": section{"exporters": []string{"file/kept"}}, "traces/seen": section{"receivers": []string{receiver}, "exporters": []string{"file/seen"}},
		}},
	})
	g.receives, g.telemetry = moved["receivers/otlp/grpc"], moved["telemetry"]
	g.collector = start(t, env, "--config", file, "--config", overlay, "--config", changes)
	f.gateways = append(f.gateways, g)
	return g
}

// fleetMaxWait is how long a half of a trace waits for the other.
const fleetMaxWait = 5 * time.Second

func writeYAML(t *testing.T, config section) string {
	t.Helper()
	text, err := yaml.Marshal(config)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "changes.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// startAgent runs the agent's example with a list of gateways.
func startAgent(t *testing.T, gateways ...*fleetGateway) *fleetAgent {
	t.Helper()
	file := filepath.Join(repository(t), "examples", "agent.yaml")
	overlay, moved := relocate(t, file)
	a := &fleetAgent{http: moved["receivers/otlp/http"], list: filepath.Join(t.TempDir(), "gateways.yaml"), starts: 1}
	a.write(t, gateways)
	a.collector = start(t, []string{"STATE=" + t.TempDir()}, "--config", file, "--config", overlay, "--config", a.list)
	return a
}

func (a *fleetAgent) write(t *testing.T, gateways []*fleetGateway) {
	t.Helper()
	var hosts []string
	for _, g := range gateways {
		hosts = append(hosts, g.receives)
	}
	text, err := yaml.Marshal(section{"exporters": section{"load_balancing": section{
		"resolver": section{"static": section{"hostnames": hosts}},
		"protocol": section{"otlp": section{"timeout": patience.String()}}, // a slow machine is no fault
	}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.list, text, 0o600))
}

// route gives all agents another list of gateways, and has them read it.
func (f *fleet) route(t *testing.T, gateways ...*fleetGateway) {
	t.Helper()
	for _, a := range f.agents {
		a.write(t, gateways)
		require.NoError(t, a.cmd.Process.Signal(syscall.SIGHUP))
		a.starts++
	}
	for _, a := range f.agents {
		a.waitReady(t, a.starts)
	}
}

// arrived waits until every span that was sent has been seen by a gateway.
func (f *fleet) arrived(t *testing.T) {
	t.Helper()
	eventually(t, "every span reaches a gateway", 2*patience, func() bool {
		seen := f.seen(t)
		for key := range f.load.sent {
			if seen[key] == 0 {
				return false
			}
		}
		return true
	})
}

// seen tells how often gateways got each span.
func (f *fleet) seen(t *testing.T) map[spanKey]int {
	t.Helper()
	all := map[spanKey]int{}
	for _, g := range f.gateways {
		g.seen.read(t)
		for key, n := range g.seen.times {
			all[key] += n
		}
	}
	return all
}

// decided waits until the gateways that run have decided everything, and have written what they keep.
func (f *fleet) decided(t *testing.T) {
	t.Helper()
	for _, g := range f.running() {
		eventually(t, g.name+" decides all", 2*patience, func() bool {
			traces, spans := g.seen.traces(), 0
			for _, n := range g.seen.times {
				spans += n
			}
			g.kept.read(t)
			return g.metric(t, "buffered_traces") == 0 && g.metric(t, "traces") >= float64(len(traces)) &&
				g.metric(t, "spans")+g.metric(t, "late_spans") >= float64(spans) && float64(len(g.kept.spans)) >= g.metric(t, "sent_spans")
		})
	}
}

func (f *fleet) running() (running []*fleetGateway) {
	for _, g := range f.gateways {
		select {
		case <-g.exited:
		default:
			running = append(running, g)
		}
	}
	return running
}

// metric is one of the sampler's own, summed over its attributes.
func (g *fleetGateway) metric(t *testing.T, name string) float64 {
	t.Helper()
	return gaugeSum(t, g.telemetry, "otelcol_processor_smart_tail_sampling_"+name)
}

// traces groups the spans of a file.
func (f *spanFile) traces() map[pcommon.TraceID][]fileSpan {
	by := map[pcommon.TraceID][]fileSpan{}
	for _, s := range f.spans {
		by[s.trace] = append(by[s.trace], s)
	}
	return by
}

// fragments counts the traces of which a root or a parent has not come to this gateway.
func (f *spanFile) fragments() (n int) {
	for _, spans := range f.traces() {
		ids, root, orphan := map[pcommon.SpanID]bool{}, false, false
		for _, s := range spans {
			ids[s.span] = true
			root = root || s.parent.IsEmpty()
		}
		for _, s := range spans {
			orphan = orphan || !s.parent.IsEmpty() && !ids[s.parent]
		}
		if !root || orphan {
			n++
		}
	}
	return n
}

// check holds what was sampled so far against what was sent. It returns how many traces have come to more than one gateway.
func (f *fleet) check(t *testing.T, when string) (split int) {
	t.Helper()
	f.decided(t)
	seen, at := f.seen(t), map[pcommon.TraceID]int{}
	repeated := 0
	for key, n := range seen {
		once, sent := f.load.sent[key]
		require.True(t, sent, "nobody sent this span")
		repeated += n - 1
		if once {
			assert.Equal(t, 1, n, "a span that was sent while all gateways were there came once")
		}
	}
	for _, g := range f.gateways {
		traces := g.seen.traces()
		for id := range traces {
			at[id]++
		}
	}
	for _, n := range at {
		if n > 1 {
			split++
		}
	}
	for _, g := range f.running() {
		assert.InDelta(t, len(g.seen.traces()), g.metric(t, "traces"), 0, "%s has decided each trace that it saw once", g.name)
		assert.GreaterOrEqual(t, g.metric(t, "fragmented_traces"), float64(g.seen.fragments()), "%s reports the halves of traces", g.name)
		assert.Zero(t, g.metric(t, "lost_spans"))
	}
	f.checkKept(t, when, seen, repeated, split)
	return split
}

// checkKept looks at what all gateways have kept: each span once for each time it came, traces by one randomness wherever they were decided,
// and root spans that stand for all that came, by their own account of how sure that is.
func (f *fleet) checkKept(t *testing.T, when string, seen map[spanKey]int, repeated, split int) {
	t.Helper()
	randomness, kept := map[pcommon.TraceID]string{}, map[spanKey]int{}
	weight := map[spanKey]float64{} // of roots
	for _, g := range f.gateways {
		g.kept.read(t)
		for _, s := range g.kept.spans {
			kept[s.spanKey]++
			assert.False(t, s.below, "kept against its threshold")
			if r, ok := randomness[s.trace]; ok {
				assert.Equal(t, r, s.randomness, "halves of a trace are decided by one randomness")
			}
			randomness[s.trace] = s.randomness
			if s.parent.IsEmpty() {
				weight[s.spanKey] = s.weight
			}
		}
	}
	for key, n := range kept {
		assert.LessOrEqual(t, n, seen[key], "a span is kept no more often than it came")
	}
	var estimate, variance float64
	for _, w := range weight {
		estimate += w
		variance += w * (w - 1)
	}
	truth, share := float64(len(f.load.roots)), float64(len(kept))/float64(len(seen))
	t.Logf("%s: %d spans of %.0f traces came, %d of them again; %d traces to more than one gateway; kept %.1f %%, whose roots stand for %.0f, give or take %.0f",
		when, len(seen), truth, repeated, split, 100*share, estimate, 2*math.Sqrt(variance))
	tolerance := 5*math.Sqrt(variance) + 0.05*truth
	assert.Less(t, estimate, truth+tolerance, "adjusted root spans count traces, split or not, once")
	assert.Greater(t, estimate, truth-float64(f.gone)-tolerance, "adjusted root spans count all traces but those that a killed gateway held")
	assert.Greater(t, share, 0.05, "kept of a budget of 25 %")
	assert.Less(t, share, 0.6, "kept of a budget of 25 %")
}

// halves sends traces in two parts, and does something in between; other traces are sent whole all the time. once says that no span may
// come to a gateway twice.
func (f *fleet) halves(t *testing.T, once bool, between func()) {
	t.Helper()
	f.load.send(t, f.load.begin(200), wholeTrace, once)
	halved := f.load.begin(200)
	f.load.send(t, halved, firstHalf, once)
	f.arrived(t)
	between()
	f.load.send(t, halved, secondHalf, once)
	f.load.send(t, f.load.begin(200), wholeTrace, once)
	f.arrived(t)
}

// kill ends a gateway at once. What it held is lost, and counted by nobody.
func (f *fleet) kill(t *testing.T, g *fleetGateway, decided int) {
	t.Helper()
	f.gone = len(g.seen.traces()) - decided
	require.NoError(t, g.cmd.Process.Kill())
	<-g.exited
}

// TestFleet runs the examples of an agent, three times, and of a gateway, three times, on this machine. A gateway is killed, one is added,
// and one is drained while traces are under way.
func TestFleet(t *testing.T) {
	t.Parallel()
	f := &fleet{}
	one := f.startGateway(t, "gateway 1", "gateway.yaml")
	two := f.startGateway(t, "gateway 2", "gateway.yaml")
	three := f.startGateway(t, "gateway 3", "gateway.yaml")
	for range 3 {
		f.agents = append(f.agents, startAgent(t, one, two, three))
	}
	f.load = newFleetLoad(f.agents[0].http, f.agents[1].http, f.agents[2].http)

	f.load.send(t, f.load.begin(900), wholeTrace, true)
	f.arrived(t)
	require.Zero(t, f.check(t, "before"), "each trace has one gateway")
	for _, g := range f.gateways {
		assert.Greater(t, len(g.seen.traces()), 100, "%s has its part", g.name)
		assert.Greater(t, g.metric(t, "completeness"), 0.9, g.name)
	}

	// What the killed one did not take goes to the others, once they are known to be the only ones.
	decided := len(three.seen.traces())
	var held map[pcommon.TraceID][]fileSpan
	f.halves(t, true, func() {
		held = three.seen.traces()
		f.kill(t, three, decided)
		f.load.send(t, f.load.begin(100), wholeTrace, false)
		f.route(t, one, two)
	})
	orphaned := 0
	for _, g := range f.running() {
		for id := range g.seen.traces() {
			if len(held[id]) > 0 {
				orphaned++
			}
		}
	}
	assert.Positive(t, orphaned, "second halves of traces whose first the killed gateway took with it")
	assert.Equal(t, orphaned, f.check(t, "after a gateway was killed"))

	four := f.startGateway(t, "gateway 4", "gateway.yaml")
	before := orphaned
	f.halves(t, true, func() { f.route(t, one, two, four) })
	after := f.check(t, "after a gateway was added")
	assert.Greater(t, after, before, "traces that were under way to the others")
	assert.Less(t, after-before, 180, "only the new gateway's part of 200 moves")
	assert.NotEmpty(t, four.seen.traces())

	before = after
	f.halves(t, true, func() {
		f.route(t, two, four)
		one.stop(t) // decides what it holds
	})
	after = f.check(t, "after a gateway was drained")
	assert.Greater(t, after, before)
	for _, c := range f.agents {
		c.stop(t)
	}
	for _, g := range f.running() {
		g.stop(t)
	}
}
