package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/wire"
)

// shop is a window of an app that calls its API: so many traces in a minute, with status codes in these shares.
type shop struct {
	seed     uint64
	traces   int
	slower   float64 // factor of what the API takes
	statuses map[int]float64
}

// record writes the window as a file of OTLP JSON.
func (s shop) record(t *testing.T, start time.Time) string {
	t.Helper()
	r := rand.New(rand.NewPCG(s.seed, 1))
	var lines strings.Builder
	m := ptrace.JSONMarshaler{}
	for i := range s.traces {
		td := ptrace.NewTraces()
		at := start.Add(time.Duration(r.Float64() * float64(time.Minute)))
		took := time.Duration(float64(20*time.Millisecond) * max(1, s.slower) * (0.5 + r.Float64()))
		status, left := 200, r.Float64()
		for _, code := range []int{403, 429, 503} {
			if left -= s.statuses[code]; left < 0 {
				status = code
				break
			}
		}
		var id [16]byte
		binary.BigEndian.PutUint64(id[:], s.seed+1)
		binary.BigEndian.PutUint64(id[8:], uint64(i+1))
		span := func(service, name string, number byte, parent byte, from, until time.Time) ptrace.Span {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", service)
			sp := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			sp.SetTraceID(id)
			sp.SetSpanID([8]byte{number})
			if parent > 0 {
				sp.SetParentSpanID([8]byte{parent})
			}
			sp.SetName(name)
			sp.SetStartTimestamp(pcommon.NewTimestampFromTime(from))
			sp.SetEndTimestamp(pcommon.NewTimestampFromTime(until))
			return sp
		}
		span("android", "open cart", 1, 0, at, at.Add(took+5*time.Millisecond))
		span("api", "GET /cart", 2, 1, at.Add(2*time.Millisecond), at.Add(2*time.Millisecond+took)).Attributes().PutInt("http.status_code", int64(status))
		b, err := m.MarshalTraces(td)
		require.NoError(t, err)
		lines.Write(b)
		lines.WriteByte('\n')
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("window%d.jsonl", s.seed))
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	return path
}

var (
	monday  = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

// The picture of the tutorial: status 503 and 429 are in the older window only, 403 is in the newer one only.
func TestDiffSaysWhatIsNewAndMissing(t *testing.T) {
	before := shop{seed: 1, traces: 1200, statuses: map[int]float64{429: 0.05, 503: 0.05}}.record(t, monday)
	after := shop{seed: 2, traces: 1200, statuses: map[int]float64{403: 0.05}}.record(t, tuesday)
	got := assayctl(t, "", "diff", "--query", `service IN ("android")`, "--key", "http.status_code", before, after)
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Empty(t, got.err)
	for _, want := range []string{`missing +http\.status_code = 429`, `missing +http\.status_code = 503`, `new +http\.status_code = 403`} {
		assert.Regexp(t, want, got.out)
	}
	assert.Regexp(t, `^3 causes, 3 changes flagged`, got.out)

	got = assayctl(t, "", "diff", "-o", "json", before, after)
	assert.Equal(t, exitFailed, got.code)
	var doc wire.Comparison
	require.NoError(t, json.Unmarshal([]byte(got.out), &doc))
	assert.Equal(t, 3, doc.Flagged)
	assert.Equal(t, uint64(1200), doc.A.Coverage.Traces)
	assert.Equal(t, monday.Day(), doc.A.Start.Day(), "A is the first argument")
}

func TestDiffExitCodes(t *testing.T) {
	a := shop{seed: 3, traces: 1500}.record(t, monday)
	same := shop{seed: 4, traces: 1500}.record(t, tuesday)
	slow := shop{seed: 5, traces: 1500, slower: 2}.record(t, tuesday)
	few := shop{seed: 6, traces: 8}.record(t, tuesday)
	empty := filepath.Join(t.TempDir(), "empty.jsonl")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for _, tt := range []struct {
		name string
		args []string
		code int
		out  string
		err  string
	}{
		{"same", []string{"diff", a, same}, exitOK, "No change is flagged", ""},
		{"slower", []string{"diff", a, slow}, exitFailed, "slower", ""},
		{"not worth flagging", []string{"diff", "--min-latency-ratio", "3", a, slow}, exitOK, "No change is flagged", ""},
		{"everything", []string{"diff", "--all", a, same}, exitOK, "same", ""},
		{"gate passes", []string{"gate", a, same}, exitOK, "No change is flagged", ""},
		{"gate fails", []string{"gate", a, slow}, exitFailed, "slower", ""},
		{"gate ignores", []string{"gate", "--ignore", "slower,faster", a, slow}, exitOK, "slower", ""},
		{"gate knows too little", []string{"gate", few, few}, exitUsage, "No change is flagged", "not enough data: 8 traces against 8"},
		{"no file", []string{"diff", a, "nowhere.jsonl"}, exitUsage, "", "nowhere.jsonl: no such file"},
		{"no spans", []string{"diff", a, empty}, exitUsage, "", "holds no spans"},
		{"standard input", []string{"diff", a, "-"}, exitUsage, "", "read twice"},
		{"nothing matches", []string{"diff", "--query", `service = "x"`, a, same}, exitUsage, "", `no trace matches the query service = "x"`},
		{"broken query", []string{"diff", "--query", `service IN (`, a, same}, exitUsage, "", "--query: "},
		{"one window of history", []string{"diff", "--history", a, a, same}, exitUsage, "", "at least two"},
		{"fdr", []string{"diff", "--fdr", "2", a, same}, exitUsage, "", "--fdr: must be between 0 and 1, got 2"},
		{"output", []string{"gate", "-o", "xml", a, same}, exitUsage, "", `--output: must be text or markdown or json, got "xml"`},
		{"ignore", []string{"gate", "--ignore", "worse", a, same}, exitUsage, "", "--ignore: must be among new, missing"},
		{"one argument", []string{"diff", a}, exitUsage, "", "accepts 2 arg(s)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := assayctl(t, "", tt.args...)
			assert.Equal(t, tt.code, got.code, got.err)
			assert.Contains(t, got.out, tt.out)
			assert.Contains(t, got.err, tt.err)
			if tt.err == "" {
				assert.Empty(t, got.err)
			}
		})
	}
}

// A snapshot stands for the recording that it was made of, and earlier windows sharpen the answer.
func TestSnapshotsAreFilesToo(t *testing.T) {
	var list []string
	for n := range 8 {
		w := shop{seed: uint64(20 + n), traces: 2000}
		if n == 7 {
			w.slower = 1.13
		}
		file := w.record(t, monday.Add(time.Duration(n)*time.Hour))
		saved := filepath.Join(t.TempDir(), "window.snapshot")
		first := assayctl(t, "", "diff", "-o", "json", "--save", saved, file, file)
		require.Equal(t, exitOK, first.code, first.err)
		again := assayctl(t, "", "diff", "-o", "json", saved, saved)
		assert.JSONEq(t, first.out, again.out)
		list = append(list, saved)
	}
	without := assayctl(t, "", "diff", list[6], list[7])
	assert.Equal(t, exitOK, without.code, "13 % may be what two windows differ by, as far as anybody knows")
	args := []string{"diff"}
	for _, s := range list[:7] {
		args = append(args, "--history", s)
	}
	with := assayctl(t, "", append(args, list[6], list[7])...)
	assert.Equal(t, exitFailed, with.code, "not where they differ by less: %s", with.out)
	assert.Contains(t, with.out, "learned from 6 pairs")

	data, err := os.ReadFile(list[0])
	require.NoError(t, err)
	data[len(data)/2] ^= 0xff
	broken := filepath.Join(t.TempDir(), "broken.snapshot")
	require.NoError(t, os.WriteFile(broken, data, 0o600))
	got := assayctl(t, "", "diff", list[0], broken)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, broken)
}

// The example workflow's calls of assayctl work as they are written there.
func TestExampleWorkflow(t *testing.T) {
	data, err := os.ReadFile("../../examples/ci-gate/workflow.yaml")
	require.NoError(t, err)
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	require.NoError(t, yaml.Unmarshal(data, &workflow))
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.Rename(shop{seed: 50, traces: 1500}.record(t, monday), at("baseline.jsonl")))
	require.NoError(t, os.Rename(shop{seed: 51, traces: 1500, slower: 2}.record(t, tuesday), at("candidate.jsonl")))
	codes := map[string]int{}
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			for _, line := range strings.Split(strings.ReplaceAll(step.Run, "\\\n", " "), "\n") {
				command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
				if command != "assayctl" {
					continue
				}
				var args []string
				for _, a := range strings.Fields(rest) {
					a = strings.Trim(a, `"`)
					if a = strings.ReplaceAll(a, "$GITHUB_STEP_SUMMARY", "summary.md"); regexp.MustCompile(`^[a-z]+\.(md|jsonl|snapshot)$`).MatchString(a) {
						a = at(a)
					}
					args = append(args, a)
				}
				codes[args[0]] = assayctl(t, "", args...).code
			}
		}
	}
	assert.Equal(t, map[string]int{"gate": exitFailed}, codes)
	summary, err := os.ReadFile(at("summary.md"))
	require.NoError(t, err)
	assert.Contains(t, string(summary), "| slower | api GET /cart |")
	assert.FileExists(t, at("candidate.snapshot"))
}

// A few traces of a clock that is wrong are left out, which is said; what happened in the others is found.
func TestRecordingWithStrays(t *testing.T) {
	before := shop{seed: 1, traces: 1200}.record(t, monday)
	after := shop{seed: 2, traces: 1200, slower: 3}.record(t, tuesday)
	stray, err := os.ReadFile(shop{seed: 3, traces: 2}.record(t, monday.Add(-100*24*time.Hour)))
	require.NoError(t, err)
	recorded, err := os.ReadFile(after)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(after, append(recorded, stray...), 0o600))

	got := assayctl(t, "", "diff", before, after)
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Regexp(t, `slower +api GET /cart`, got.out)
	assert.Regexp(t, `^\S+: 4 spans lie outside of 2026-11-22 08:00:00Z to 2026-11-22 08:0[01]:\d\dZ, in which nearly all begin, and are left out\n$`, got.err)

	got = assayctl(t, "", "diff", "--b-query", "trace.duration > 60ms", after)
	assert.Regexp(t, `^\S+: 4 spans lie outside of `, got.err)
}
