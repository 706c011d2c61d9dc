package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The tests here need a backend that runs; CONTRIBUTING.md says how to start one. They skip without one, in strict mode too.
//
//	sentinel ──▶ pipeline ──▶ sentinel exporter
//	                └──▶ road (does harm) ──▶ otlp/onward ──▶ otlp exporter ──▶ backend ◀── queries (fails) ◀── sentinel extension

func TestSentinelWithJaeger(t *testing.T) { t.Parallel(); withBackend(t, "jaeger") }

func TestSentinelWithTempo(t *testing.T) { t.Parallel(); withBackend(t, "tempo") }

// stored is a collector with a sentinel that looks its traces up in a backend.
type stored struct {
	*watched
	kind, query, instance string
	road                  *road    // between the pipeline and the backend
	queries               *queries // between the sentinel and the backend's query API
}

// Times after which a trace is late, and lost, where a backend does not show at once what it has been sent.
const storedLate, storedLost = 8 * time.Second, 16 * time.Second

func withBackend(t *testing.T, kind string) {
	s := startStored(t, kind)
	s.findsAllWell(t)
	s.noticesFaults(t)
	s.doubts(t)
	s.isVerifiedFromOutside(t)
	s.stop(t)
}

// running returns where a backend is queried, and an exporter that sends to it.
func running(t *testing.T, kind string) (query, exporter string, settings section) {
	t.Helper()
	variable := "ASSAY_E2E_" + strings.ToUpper(kind)
	query = os.Getenv(variable)
	if query == "" {
		t.Skipf("no %s to try: set %s to the address of its query API, and %s_OTLP unless it takes OTLP over gRPC at port 4317 of the same host", kind, variable, variable)
	}
	if !strings.Contains(query, "://") {
		query = "http://" + query
	}
	u, err := url.Parse(query)
	require.NoError(t, err, variable)
	require.NotEmpty(t, u.Hostname(), "%s must be an address such as http://localhost:16686, got %q", variable, query)
	settings = section{"sending_queue": section{"enabled": false}, "retry_on_failure": section{"enabled": false}}
	settings["endpoint"] = os.Getenv(variable + "_OTLP")
	if endpoint, _ := settings["endpoint"].(string); strings.Contains(endpoint, "://") {
		return query, "otlp_http/backend", settings
	} else if endpoint == "" {
		settings["endpoint"] = net.JoinHostPort(u.Hostname(), "4317")
	}
	settings["tls"] = section{"insecure": true}
	return query, "otlp_grpc/backend", settings
}

func startStored(t *testing.T, kind string) *stored {
	t.Helper()
	query, exporter, settings := running(t, kind)
	onward := freeAddress(t)
	s := &stored{
		kind: kind, query: query, instance: fmt.Sprintf("e2e %d", time.Now().UnixNano()), road: newRoad(t, onward), queries: newQueries(t, query),
	}
	s.watched = startWatched(t, section{
		"receivers": section{
			"sentinel":    section{"streams": section{"ambient": section{"rate": 10, "long": 0.05}}},
			"otlp/onward": section{"protocols": section{"http": section{"endpoint": onward}}},
		},
		"exporters": section{
			"otlp_http/road": section{
				"endpoint": s.road.URL, "compression": "none", "sending_queue": section{"enabled": false}, "retry_on_failure": section{"enabled": false},
			},
			exporter: settings,
		},
		"extensions": section{"sentinel": section{
			"instance": s.instance,
			"slo":      section{"late_after": storedLate.String(), "lost_after": storedLost.String(), "p99": storedLate.String()},
			"backends": []any{section{"name": kind, "type": kind, "endpoint": s.queries.URL, "timeout": "2s"}},
		}},
		"service": section{"pipelines": section{
			"traces/stored": section{"exporters": []string{"sentinel", "otlp_http/road"}},
			"traces/onward": section{"receivers": []string{"otlp/onward"}, "exporters": []string{exporter}},
		}},
	})
	return s
}

// place is how things stand at a vantage: at the backend, or the pipeline's end ("sentinel").
func (s *stored) place(t *testing.T, name string) (state, reason string, verdicts map[string]uint64) {
	t.Helper()
	for _, one := range s.status(t).Vantages {
		if one.Name == name {
			return one.State, one.Reason, one.Verdicts
		}
	}
	t.Fatalf("there is no vantage %s", name)
	return "", "", nil
}

// findsAllWell lets traces of all sorts be stored and found again: every one is as it was sent.
func (s *stored) findsAllWell(t *testing.T) {
	t.Helper()
	eventually(t, "two hundred traces are found as they were sent", time.Minute, func() bool {
		_, _, verdicts := s.place(t, s.kind)
		require.Empty(t, but(verdicts), "%+v\n%s", s.status(t).Failing, s.log)
		return verdicts["delivered"] >= 200
	})
	s.until(t, "ok", 10*time.Second)
}

// noticesFaults does harm on the road to the backend. It is told there, of exactly those traces, and nowhere else.
func (s *stored) noticesFaults(t *testing.T) {
	t.Helper()
	faults := []fault{
		{&harm{}, "missing", ""},
		{&harm{does: loses("catalog")}, "incomplete", "catalog/"},
		{&harm{does: renames}, "corrupt", "resource.attributes: service.version"},
	}
	if s.kind == "jaeger" { // Tempo shows a span once, however often it has it
		faults = append(faults, fault{&harm{does: doubles}, "duplicate", ""})
	}
	var told []string
	for _, f := range faults {
		s.road.breaks(f.harm)
		eventually(t, "some harm", 15*time.Second, func() bool {
			traces, _, _ := s.road.harmed()
			return len(traces) >= 20
		})
		s.road.mends()
		named := false
		eventually(t, "all harmed traces are "+f.verdict, 2*storedLost+10*time.Second, func() bool {
			v := s.status(t)
			harmed, _, _ := s.road.harmed()
			for _, one := range v.Failing {
				require.Equal(t, s.kind, one.Vantage, one)
				if one.Verdict == f.verdict {
					named = true
					assert.Contains(t, harmed, one.Trace)
					assert.Contains(t, one.Detail, f.detail)
				}
			}
			_, _, verdicts := s.place(t, s.kind)
			require.LessOrEqual(t, int(verdicts[f.verdict]), len(harmed), "%s: %+v", f.verdict, v.Failing)
			return int(verdicts[f.verdict]) == len(harmed)
		})
		assert.True(t, named, "%s is listed", f.verdict)
		state, reason, verdicts := s.place(t, "sentinel")
		assert.Equal(t, "ok", state, reason)
		assert.Empty(t, but(verdicts), "at the pipeline's end all are delivered")
		told = append(told, f.verdict)
	}
	s.until(t, "ok", time.Minute)
	_, _, verdicts := s.place(t, s.kind)
	assert.Empty(t, but(verdicts, told...))
}

// but lists the verdicts that were given besides delivered and those that are expected. A gap is the fault of a busy machine.
func but(verdicts map[string]uint64, expected ...string) map[string]uint64 {
	out := maps.Clone(verdicts)
	maps.DeleteFunc(out, func(name string, n uint64) bool {
		return n == 0 || name == "delivered" || name == "generator_gap" || slices.Contains(expected, name)
	})
	return out
}

// renames changes the version of one span's service.
func renames(_ pcommon.TraceID, td ptrace.Traces) ([]parcel, bool) {
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("service.version", "another")
	return []parcel{{traces: td}}, true
}

// doubts takes the query API away, in several ways. What cannot be asked is unknown; it is never blamed on the backend.
func (s *stored) doubts(t *testing.T) {
	t.Helper()
	_, _, before := s.place(t, s.kind)
	for way, want := range map[string]string{"page": "a web page instead of an answer", "gone": "EOF", "gateway": "status 404: "} {
		s.queries.fail(way)
		eventually(t, "the backend is not known to be well: "+way, storedLate+10*time.Second, func() bool {
			state, reason, _ := s.place(t, s.kind)
			return state == "unknown" && strings.Contains(reason, want)
		})
		for end := time.Now().Add(storedLost - storedLate); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			state, _, _ := s.place(t, s.kind)
			require.Equal(t, "unknown", state)
			elsewhere, reason, _ := s.place(t, "sentinel")
			require.Equal(t, "ok", elsewhere, reason)
		}
	}
	s.queries.fail("")
	s.until(t, "ok", time.Minute)
	_, _, after := s.place(t, s.kind)
	assert.Equal(t, but(before), but(after, "unknown"), "nothing is blamed while nobody can be asked")
}

// isVerifiedFromOutside has the command line look the last traces up, with nothing but the key and the instance's name.
func (s *stored) isVerifiedFromOutside(t *testing.T) {
	t.Helper()
	ctl := filepath.Join(filepath.Dir(binary(t)), "assayctl")
	if _, err := os.Stat(ctl); err != nil {
		lacking(t, ctl+": run make build")
	}
	time.Sleep(10 * time.Second) // so that there is something to verify in which nothing was done
	streams := filepath.Join(t.TempDir(), "streams.yaml")
	require.NoError(t, os.WriteFile(streams, []byte("ambient: {rate: 10, long: 0.05}\n"), 0o600))
	cmd := exec.CommandContext(t.Context(), ctl, "sentinel", "verify", "--streams", streams, "--backend", s.kind, "--url", s.query,
		"--instance", s.instance, "--since", "12s", "--until", "3s", "--output", "json")
	cmd.Env = append(os.Environ(), "ASSAY_SENTINEL_KEY="+secret)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s%s", &stdout, &stderr)
	var summary struct{ Verdicts map[string]uint64 }
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &summary))
	assert.Greater(t, summary.Verdicts["delivered"], uint64(50), summary.Verdicts)
	assert.Empty(t, but(summary.Verdicts))
}
