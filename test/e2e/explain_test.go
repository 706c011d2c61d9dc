package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestExplain asks the samplers of two pipelines, each by its name, why they kept what their file holds.
func TestExplain(t *testing.T) {
	t.Parallel()
	dir, console := t.TempDir(), freeAddress(t)
	receivers, pipelines, exporters := section{}, section{}, section{}
	to := map[string]string{}
	for _, name := range []string{"eu", "us"} {
		to[name] = freeAddress(t)
		receivers["otlp/"+name] = section{"protocols": section{"grpc": section{"endpoint": to[name]}}}
		exporters["file/"+name] = section{"path": filepath.Join(dir, name), "flush_interval": "100ms"}
		pipelines["traces/"+name] = section{
			"receivers": []string{"otlp/" + name}, "processors": []string{"smart_tail_sampling"}, "exporters": []string{"file/" + name},
		}
	}
	config, err := yaml.Marshal(section{
		"receivers": receivers, "exporters": exporters, "extensions": section{"console": section{"endpoint": console}},
		"processors": section{"smart_tail_sampling": section{"completion": section{"initial_wait": "1s"}, "memory": section{"limit_mib": 64}}},
		"service": section{
			"extensions": []string{"console"}, "pipelines": pipelines,
			"telemetry": section{"metrics": section{"readers": ownMetrics(t, freeAddress(t))}},
		},
	})
	require.NoError(t, err)
	file := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	c := start(t, nil, "--config", file)

	kept := map[string]string{} // by pipeline, a trace
	for name, endpoint := range to {
		replay(t.Context(), t, endpoint, filepath.Join(repository(t), "testdata", "traces", "hotrod.jsonl.zst"), "--new-ids")
		eventually(t, "a trace is kept", time.Minute, func() bool {
			text, err := os.ReadFile(filepath.Join(dir, name))
			found := regexp.MustCompile(`"traceId":"([0-9a-f]{32})"`).FindSubmatch(text)
			if err != nil || found == nil {
				return false
			}
			kept[name] = string(found[1])
			return true
		})
	}
	explain := func(args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(repository(t), "_build", "assayctl"), append([]string{"explain", "--url", "http://" + console}, args...)...)
		text, _ := cmd.CombinedOutput() // the exit code says it
		return string(text), cmd.ProcessState.ExitCode()
	}
	text, code := explain(kept["eu"])
	assert.Equal(t, 2, code)
	assert.Contains(t, text, "--component: several answer here, smart_tail_sampling and smart_tail_sampling/2")
	answered := map[string]string{} // by component, the pipeline
	for _, component := range []string{"smart_tail_sampling", "smart_tail_sampling/2"} {
		for name, id := range kept {
			if text, code := explain("--component", component, id); code == 0 {
				answered[component] = name
				assert.Regexp(t, `^`+id+`: kept, reason \w+\n  trace .* spans in .*\n  decided .*\n  probability .*\n  randomness +0\.\d+ >= threshold 0\.\d+ \(rv:`, text)
				assert.Regexp(t, `\n  path +[0-9a-f]{16}, usually `, text)
			} else {
				assert.Equal(t, 1, code)
				assert.Contains(t, text, "not remembered")
			}
		}
	}
	assert.Len(t, answered, 2)
	assert.NotEqual(t, answered["smart_tail_sampling"], answered["smart_tail_sampling/2"])
	c.stop(t)
}
