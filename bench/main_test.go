package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/bench/inprocess"
)

// The cases start this program anew: in a test that is the test binary.
func TestMain(m *testing.M) {
	if inprocess.IsChild() {
		os.Exit(inprocess.Child(context.Background()))
	}
	os.Exit(m.Run())
}

// progress shows in the test's log.
type progress struct{ t *testing.T }

func (p progress) Write(b []byte) (int, error) {
	p.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// Every kind of case runs for a moment with both processors, and every line of the table has figures.
func TestQuickInProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 40 s")
	}
	results := filepath.Join(t.TempDir(), "RESULTS.md")
	args := []string{"-quick", "-data", "../testdata/traces/hotrod.jsonl.zst,missing.jsonl", "-results", results}
	var out strings.Builder
	require.NoError(t, run(context.Background(), args, &out, progress{t}))
	written, err := os.ReadFile(results)
	require.NoError(t, err)
	require.Contains(t, string(written), out.String())
	require.Contains(t, string(written), "command: `go -C bench run . -quick")
	requireFigures(t, out.String(),
		"CPU above input, 5 % kept", "allocations above input", "decided as usual", "throughput, 5 % kept, GOMAXPROCS 2",
		"resident, 0.04 M spans held", "of hotrod.jsonl.zst", "GC, share of the CPU used", "decision after the last span, p50", "spans behind the decision")
}

// The same for a collector binary, where there is one.
func TestQuickWholeBinary(t *testing.T) {
	const binary = "../_build/otelcol-assay"
	if _, err := os.Stat(binary); err != nil || testing.Short() {
		t.Skip("takes 30 s and needs the binary that make build writes")
	}
	var out strings.Builder
	require.NoError(t, run(context.Background(), []string{"-quick", "-binary", binary}, &out, progress{t}))
	requireFigures(t, out.String(), "throughput", "peak resident memory", "really kept")
}

// requireFigures wants a line for every title, and a number of both samplers in every line.
func requireFigures(t *testing.T, table string, titles ...string) {
	for _, title := range titles {
		require.Contains(t, table, title)
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		require.Greater(t, len(cells), 4, line)
		for _, cell := range cells[2:4] {
			require.NotEqual(t, "-", strings.TrimSpace(cell), line)
		}
	}
}

func TestBadCommandLines(t *testing.T) {
	for args, want := range map[string]string{
		"-kept five":               "-kept",
		"-procs 1,x":               "-procs",
		"-binary /missing/otelcol": "make build writes that of ours",
		"-only nothing":            `"nothing"`,
	} {
		err := run(context.Background(), strings.Fields(args), &strings.Builder{}, progress{t})
		require.ErrorContains(t, err, want)
	}
}

// What is measured here is what is built there: the versions that both modules name are the same.
func TestVersionsAreThoseOfTheProduct(t *testing.T) {
	ours, product := required(t, "go.mod"), required(t, "../go.mod")
	require.Greater(t, len(ours), 50)
	for module, version := range ours {
		if module != "github.com/assayhq/assay" {
			require.Equal(t, product[module], version, module)
		}
	}
}

func required(t *testing.T, file string) map[string]string {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	versions := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); strings.HasPrefix(line, "\t") && len(f) >= 2 {
			versions[f[0]] = f[1]
		}
	}
	return versions
}
