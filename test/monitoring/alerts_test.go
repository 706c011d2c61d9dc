package monitoring

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const root = "../.."

func read(t *testing.T, elements ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, elements...)...))
	require.NoError(t, err)
	return text
}

// telemetry is what a metadata.yaml says of metrics.
type telemetry struct {
	Telemetry struct {
		Metrics map[string]any
	}
}

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Annotations map[string]string
		}
	}
}

// Every metric that an alert looks at exists, and every alert leads to its chapter of the runbook.
func TestAlertsNameWhatThereIs(t *testing.T) {
	var known telemetry
	require.NoError(t, yaml.Unmarshal(read(t, "internal", "smarttailsampling", "metadata.yaml"), &known))
	names := slices.Collect(maps.Keys(known.Telemetry.Metrics))
	require.NotEmpty(t, names)
	var file rules
	require.NoError(t, yaml.Unmarshal(read(t, "monitoring", "alerts", "sampling.yaml"), &file))
	runbook := string(read(t, "docs", "runbook.md"))
	looked := map[string]bool{}
	for _, r := range file.Groups[0].Rules {
		found := regexp.MustCompile(`otelcol_(\w+?)(?:\(_total\)|[^\w(]|$)`).FindAllStringSubmatch(r.Expr, -1)
		require.NotEmpty(t, found, r.Alert)
		for _, m := range found {
			assert.Contains(t, names, m[1], r.Alert)
			looked[m[1]] = true
		}
		assert.Contains(t, runbook, "\n## "+r.Alert+"\n")
		assert.Equal(t, "docs/runbook.md#"+strings.ToLower(r.Alert), r.Annotations["runbook"])
	}
	for _, metric := range []string{ // none of these should grow
		"lost_spans", "refused_spans", "unmarked_traces", "not_random_traces", "rule_errors", "state_errors", "lost_metric_points",
		"journal_damaged_spans",
	} {
		assert.True(t, looked["processor_smart_tail_sampling_"+metric], "no alert looks at %s", metric)
	}
}

// Every reason that a counter can give has its line in the runbook.
func TestRunbookKnowsEveryReason(t *testing.T) {
	runbook := string(read(t, "docs", "runbook.md"))
	metadata := string(read(t, "internal", "smarttailsampling", "metadata.yaml"))
	reasons := regexp.MustCompile(`for lost spans (.*?); for lost points (.*?); for state errors (.*?)\.\n`).FindStringSubmatch(metadata)
	require.Len(t, reasons, 4, "the description of the attribute reason has changed")
	for _, list := range reasons[1:] {
		for _, reason := range regexp.MustCompile(`\w+`).FindAllString(strings.ReplaceAll(list, " or ", " "), -1) {
			assert.Contains(t, runbook, "`"+reason+"`")
		}
	}
}

// promtool checks the rules, and tries them with series that should and should not raise them.
func TestAlertsFire(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("ASSAY_E2E_STRICT") != "" {
			t.Fatal("promtool is missing: install prometheus")
		}
		t.Skip("promtool is missing: install prometheus")
	}
	alerts := filepath.Join(root, "monitoring", "alerts")
	for _, args := range [][]string{{"check", "rules", "sampling.yaml"}, {"test", "rules", "sampling_test.yaml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = alerts
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", text)
	}
}
