package e2e

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"
)

// TestJournalSurvivesSIGKILL kills a collector that holds thousands of undecided traces, and starts another one, with other rules and
// waits, on its journal: every span is delivered, once. A reload and an orderly stop leave the journal empty.
func TestJournalSurvivesSIGKILL(t *testing.T) {
	t.Parallel()
	dir, otlp, telemetry := t.TempDir(), freeAddress(t), freeAddress(t)
	journal, out := filepath.Join(dir, "journal"), filepath.Join(dir, "out.jsonl")
	file := filepath.Join(dir, "config.yaml")
	write := func(sampler section) {
		config, err := yaml.Marshal(section{
			"receivers":  section{"otlp": section{"protocols": section{"http": section{"endpoint": otlp}}}},
			"processors": section{"smart_tail_sampling": sampler},
			"exporters":  section{"file": section{"path": out, "append": true}},
			"service": section{
				"telemetry": section{"metrics": section{"readers": ownMetrics(t, telemetry)}},
				"pipelines": section{"traces": section{"receivers": []string{"otlp"}, "processors": []string{"smart_tail_sampling"}, "exporters": []string{"file"}}},
			},
		})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, config, 0o600))
	}
	settings := func(more section) section {
		s := section{
			"budget": section{"percentage": 100}, "journal": section{"directory": journal}, "memory": section{"limit_mib": 256},
			"attributes": section{"reason": "", "path": "", "probability": ""},
		}
		for k, v := range more {
			s[k] = v
		}
		return s
	}
	up := func() float64 {
		n, _ := gauge(t, telemetry, "otelcol_processor_smart_tail_sampling_journal_up")
		return n
	}
	buffered := func() float64 {
		n, _ := gauge(t, telemetry, "otelcol_processor_smart_tail_sampling_buffered_spans")
		return n
	}

	write(settings(section{"completion": section{"initial_wait": "10m", "max_wait": "20m"}}))
	c := start(t, nil, "--config", file)
	lines, sent := recording(t, "tgen.jsonl.zst")
	post(t, otlp, lines)
	more, others := recording(t, "mixed.jsonl.zst")
	post(t, otlp, more)
	for span, n := range others {
		sent[span] += n
	}
	require.InDelta(t, sent.total(), buffered(), 0)
	require.InDelta(t, 1, up(), 0)
	require.NoError(t, c.cmd.Process.Kill())
	<-c.exited
	require.Zero(t, countSpans(t, out), "none was decided")

	write(settings(section{
		"completion": section{"initial_wait": "1s", "max_wait": "2s"}, "randomness": "trace_id",
		"rules": []any{section{"name": "all", "action": "weight", "weight": 0.5, "span": []string{"true"}}},
	}))
	c = start(t, nil, "--config", file)
	require.Contains(t, c.log.String(), "What the journal holds was taken in")
	eventually(t, "all is delivered", patience, func() bool { return countSpans(t, out) >= sent.total() })
	eventually(t, "all is sent", patience, func() bool { return buffered() == 0 })
	assertSameSpans(t, sent, out)

	// A journal that another collector has is an error that says so.
	second := run(t, nil, "--config", file, "--config=yaml:service::telemetry::metrics::level: none")
	assert.NotZero(t, second.code)
	assert.Contains(t, second.stderr, journal+" is in use by another sampler")

	write(settings(section{"completion": section{"initial_wait": "10m", "max_wait": "20m"}}))
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGHUP))
	c.waitReady(t, 2)
	again, extra := recording(t, "hotrod.jsonl.zst")
	post(t, otlp, again)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGHUP))
	c.waitReady(t, 3)
	for span, n := range extra {
		sent[span] += n
	}
	assertSameSpans(t, sent, out)
	c.stop(t)
	files, err := os.ReadDir(journal)
	require.NoError(t, err)
	for _, f := range files {
		assert.NotContains(t, f.Name(), "segment")
	}
}

// assertSameSpans is assertArrived for spans that carry a threshold now.
func assertSameSpans(t *testing.T, want spanCount, path string) {
	t.Helper()
	lines, _ := written(t, path)
	got := spanCount{}
	for _, line := range lines {
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		require.NoError(t, err)
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					span.TraceState().FromRaw("")
				}
			}
		}
		got.add(t, td)
	}
	missing := 0
	for span, n := range want {
		missing += max(0, n-got[span])
	}
	assert.Zerof(t, missing, "spans that did not arrive, of %d", want.total())
	assert.Equal(t, want.total(), got.total(), "each arrives once")
}
