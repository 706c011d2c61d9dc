package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
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

	"github.com/assayhq/assay/internal/tracediff/report"
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
	assert.Regexp(t, `^3 changes are flagged`, got.out)

	got = assayctl(t, "", "diff", "-o", "json", before, after)
	assert.Equal(t, exitFailed, got.code)
	var doc report.Document
	require.NoError(t, json.Unmarshal([]byte(got.out), &doc))
	assert.Equal(t, 3, doc.Flagged)
	assert.Equal(t, uint64(1200), doc.A.Traces)
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

// A collector compares by itself; what it says is shown as if it had been compared here.
func TestDiffOfSnapshotsOfACollector(t *testing.T) {
	const change = `{"kind":"operation","service":"shop","value":"GET /cart","measure":"latency","verdict":"slower","flagged":true,"standing":"confirmed",
		"effect":2,"low":1.5,"high":2.5,"p":0.00001,"q":0.0002,"impact":3,"a":{"traces":500,"geoMean":12000},"b":{"traces":510,"geoMean":24000},"exemplars":["ab"]}`
	const answer = `{"id":"d1","baseline":{"version":"previous"},"a":{"snapshotId":"s1","start":1000,"end":1600,"state":"complete","coverage":{"traces":500,"spans":1500}},
		"b":{"snapshotId":"s2","start":1600,"end":2200,"state":"complete","coverage":{"traces":510,"spans":1600}},
		"thresholds":{"fdr":0.05,"minLatencyRatio":1.1},"history":12,"tests":90,"flagged":1,"changes":[%s],"changesTotal":%d}`
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		asked = append(asked, r.Method+" "+r.URL.String()+" "+string(body)+" "+r.Header.Get("Authorization"))
		switch {
		case strings.Contains(string(body), "several") && r.URL.Query().Get("component") == "": // as the console extension says it
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"message":"component: several answer here, trace_diff and trace_diff/eu; choose one with ?component=trace_diff"}`))
		case strings.Contains(string(body), "unknown"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"there is nothing under this id"}`))
		case strings.Contains(string(body), "odd"):
			_, _ = w.Write([]byte(`<html>`))
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprintf(w, answer, change, 2)
		default:
			service := strings.NewReplacer(`"operation"`, `"service"`, "GET /cart", "shop").Replace(change)
			_, _ = fmt.Fprintf(w, answer, change+","+service, 2)
		}
	}))
	defer s.Close()
	got := assayctl(t, "", "gate", "--url", s.URL+"/", "-H", "Authorization=Bearer x", "--key", "tenant", "s1", "s2")
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Equal(t, []string{
		`POST /api/diffs {"a":"s1","b":"s2","keys":["tenant"]} Bearer x`,
		`GET /api/diffs/d1?changes=2  Bearer x`,
	}, asked)
	assert.Regexp(t, `slower +shop GET /cart +12\.0 ms +24\.0 ms +x2\.00 \(x1\.50 to x2\.50\) +0\.0002 +confirmed; trace ab`, got.out)
	assert.Contains(t, got.out, "service shop ")
	assert.Contains(t, assayctl(t, "", "diff", "--url", s.URL, "-o", "json", "s1", "s2").out, `"kind": "service",
      "service": "shop",
      "value": "shop"`)
	asked = nil
	assert.Contains(t, got.out, "1970-01-01 00:16:40 to 00:26:40")

	asked = nil
	got = assayctl(t, "", "gate", "--url", s.URL, "--component", "trace_diff/eu", "several", "s2")
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Equal(t, []string{
		`POST /api/diffs?component=trace_diff%2Feu {"a":"several","b":"s2"} `,
		`GET /api/diffs/d1?changes=2&component=trace_diff%2Feu  `,
	}, asked)

	for _, tt := range []struct{ name, a, err string }{
		{"several exporters", "several", "400 Bad Request: --component: several answer here, trace_diff and trace_diff/eu; choose one with --component trace_diff\n"},
		{"unknown id", "unknown", "404 Not Found: there is nothing under this id"},
		{"no API", "odd", "the answer is no diff"},
	} {
		got = assayctl(t, "", "diff", "--url", s.URL, tt.a, "s2")
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, tt.err)
	}
	got = assayctl(t, "", "diff", "--url", "http://127.0.0.1:1", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "is a collector with a console running there?")
	got = assayctl(t, "", "diff", "--component", "trace_diff/eu", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--component: chooses among the exporters of a collector; name its console with --url")
	got = assayctl(t, "", "diff", "--url", s.URL, "--fdr", "0.1", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--fdr: with --url the collector compares as its query says")
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
