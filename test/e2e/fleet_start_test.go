package e2e

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// fleet is agents and gateways of the examples, and what went through them.
type fleet struct {
	load     *fleetLoad
	agents   []*fleetAgent
	gateways []*fleetGateway
	gone     int    // traces that a killed gateway had not decided, at most
	journal  string // directory for the gateways that are started from now on; "": without
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
	found                     bool // its traces come from the journal of another
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
	sampler := section{
		"budget":     section{"spans_per_second": nil, "percentage": 25},
		"completion": section{"initial_wait": "1s", "max_wait": fleetMaxWait.String()}, "memory": section{"limit_mib": 64},
	}
	if f.journal != "" {
		sampler["journal"] = section{"directory": f.journal}
	}
	changes := writeYAML(t, section{
		"processors": section{"smart_tail_sampling": sampler},
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
