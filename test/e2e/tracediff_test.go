package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// windowLength is as short as a window may be.
const windowLength = 10 * time.Second

// differ is a collector with a console and trace_diff on short windows.
type differ struct {
	*collector
	intake, console string
}

// startDiffer runs one. more is merged over its exporter's settings, overlays over the whole.
func startDiffer(t *testing.T, storage section, more section, overlays ...section) *differ {
	t.Helper()
	d := &differ{intake: freeAddress(t), console: freeAddress(t)}
	exporter := section{
		"storage": storage, "assembly": section{"wait": "500ms"}, "defaults": section{"window": windowLength.String(), "lateness": "1s"},
	}
	for key, value := range more {
		exporter[key] = value
	}
	config, err := json.Marshal(section{
		"receivers":  section{"otlp": section{"protocols": section{"http": section{"endpoint": d.intake}}}},
		"exporters":  section{"trace_diff": exporter},
		"extensions": section{"console": section{"endpoint": d.console}},
		"service": section{
			"extensions": []string{"console"}, "telemetry": section{"metrics": section{"level": "none"}},
			"pipelines": section{"traces": section{"receivers": []string{"otlp"}, "exporters": []string{"trace_diff"}}},
		},
	})
	require.NoError(t, err)
	args := []string{"--config=yaml:" + string(config)}
	for _, o := range overlays {
		overlay, err := json.Marshal(o)
		require.NoError(t, err)
		args = append(args, "--config=yaml:"+string(overlay))
	}
	d.collector = start(t, nil, args...)
	return d
}

// ask calls the API and decodes the answer into v.
func (d *differ) ask(t *testing.T, method, path string, body, v any) int {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, ok := body.(string)
		if !ok {
			packed, err := json.Marshal(body)
			require.NoError(t, err)
			text = string(packed)
		}
		content = bytes.NewReader([]byte(text))
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+d.console+path, content)
	require.NoError(t, err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	if v != nil {
		require.NoErrorf(t, json.Unmarshal(answer, v), "%s", answer)
	}
	return response.StatusCode
}

// seedQuery, seedSnapshot and seedDiff have the tutorial's fields, and those of ours that the tests need.
type seedQuery struct {
	ID          string   `json:"id"`
	Query       string   `json:"query"`
	Name        string   `json:"name"`
	CreatedAt   int64    `json:"createdAt"`
	GroupByKeys []string `json:"groupByKeys"`
}

type seedSnapshot struct {
	SnapshotID   string `json:"snapshotId"`
	Query        string `json:"query"`
	CreatedAt    int64  `json:"createdAt"`
	CompleteTime int64  `json:"completeTime"`
	Link         string `json:"link"`
	State        string `json:"state"`
	Coverage     struct {
		Traces int `json:"traces"`
		Spans  int `json:"spans"`
	} `json:"coverage"`
}

type seedDiff struct {
	ID           string `json:"id"`
	Query        string `json:"query"`
	CalculatedAt int64  `json:"calculatedAt"`
	LinkA        string `json:"linkA"`
	LinkB        string `json:"linkB"`
	Flagged      int    `json:"flagged"`
	Diffs        []struct {
		Key     string   `json:"key"`
		New     []string `json:"new"`
		Missing []string `json:"missing"`
		Diffs   []struct {
			Value      string  `json:"value"`
			Occurrence int     `json:"occurrence"`
			AvgLatency int     `json:"avg_latency"`
			ErrorRatio float64 `json:"error_ratio"`
		} `json:"diffs"`
	} `json:"diffs"`
}

// eventually repeats a check until it holds.
func eventually(t *testing.T, what string, limit time.Duration, check func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !check(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
}

// nextWindow sleeps until a window has begun.
func nextWindow() {
	now := time.Now()
	time.Sleep(now.Truncate(windowLength).Add(windowLength).Sub(now) + 100*time.Millisecond)
}

// androids makes OTLP/JSON lines with traces of two services that begin now, spread over spread; their status codes take
// turns.
func androids(t *testing.T, seed byte, traces int, spread time.Duration, latency time.Duration, statuses ...int64) [][]byte {
	t.Helper()
	td := ptrace.NewTraces()
	begin := time.Now()
	for i := range traces {
		id := pcommon.TraceID{seed, byte(i >> 8), byte(i), 7: 1, 15: byte(i * 7)}
		at := begin.Add(spread * time.Duration(i) / time.Duration(traces))
		for n, service := range []string{"android", "backend"} {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", service)
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetTraceID(id)
			s.SetSpanID(pcommon.SpanID{seed, byte(i >> 8), byte(i), byte(n + 1)})
			if n > 0 {
				s.SetParentSpanID(pcommon.SpanID{seed, byte(i >> 8), byte(i), byte(n)})
			}
			s.SetName([]string{"tap", "GET /cart"}[n])
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(at))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(at.Add(latency + time.Duration(i%9)*time.Millisecond)))
			s.Attributes().PutInt("http.status_code", statuses[i%len(statuses)])
		}
	}
	line, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return [][]byte{line}
}

// fill sends a window's worth of traces, in portions.
func (d *differ) fill(t *testing.T, seed byte, latency time.Duration, statuses ...int64) {
	t.Helper()
	nextWindow()
	for part := range byte(8) {
		post(t, d.intake, androids(t, seed<<4|part, 80, 900*time.Millisecond, latency, statuses...))
		time.Sleep(time.Second)
	}
}

// TestTutorial does what the tutorial does that trace diff grew from: it posts the query as written there, and finds in the
// diff what the tutorial's picture shows, also after a restart: 503 and 429 are gone, 403 is new.
func TestTutorial(t *testing.T) {
	t.Parallel()
	storage := section{"dsn": filepath.Join(t.TempDir(), "history.db")}
	d := startDiffer(t, storage, nil)
	var created seedQuery
	status := d.ask(t, http.MethodPost, "/api/queries",
		`{"query":"service IN (\"android\")","name":"Hello World","createdAt":1605061500,"groupByKeys":["operation","http.status_code"]}`, &created)
	require.Contains(t, []int{http.StatusOK, http.StatusCreated}, status)
	assert.Equal(t, seedQuery{
		ID: created.ID, Query: `service IN ("android")`, Name: "Hello World", CreatedAt: 1605061500, GroupByKeys: []string{"operation", "http.status_code"},
	}, created)
	var queries []seedQuery
	d.ask(t, http.MethodGet, "/api/queries", nil, &queries)
	assert.Equal(t, []seedQuery{created}, queries)
	var snapshots []seedSnapshot
	d.ask(t, http.MethodGet, "/api/snapshots", nil, &snapshots)
	require.NotEmpty(t, snapshots, "the query is scheduled at once")
	assert.Equal(t, created.Query, snapshots[0].Query)
	assert.Greater(t, snapshots[0].CompleteTime, snapshots[0].CreatedAt-1)

	d.fill(t, 1, 10*time.Millisecond, 200, 200, 503, 429)
	d.fill(t, 2, 10*time.Millisecond, 200, 200, 200, 403)
	var found seedDiff
	eventually(t, "a diff of the two windows", 30*time.Second, func() bool {
		var diffs []seedDiff
		d.ask(t, http.MethodGet, "/api/diffs?query="+created.ID, nil, &diffs)
		at := slices.IndexFunc(diffs, func(d seedDiff) bool { return len(d.Diffs) == 2 && slices.Contains(d.Diffs[1].New, "403") })
		if at >= 0 {
			found = diffs[at]
		}
		return at >= 0
	})
	check := func(diff seedDiff) {
		t.Helper()
		assert.Equal(t, created.Query, diff.Query)
		assert.Equal(t, "operation", diff.Diffs[0].Key)
		assert.Empty(t, diff.Diffs[0].New)
		assert.Empty(t, diff.Diffs[0].Missing)
		assert.Len(t, diff.Diffs[0].Diffs, 2)
		assert.Equal(t, "http.status_code", diff.Diffs[1].Key)
		assert.Equal(t, []string{"403"}, diff.Diffs[1].New)
		assert.Equal(t, []string{"429", "503"}, diff.Diffs[1].Missing)
		require.Len(t, diff.Diffs[1].Diffs, 1)
		assert.Equal(t, "200", diff.Diffs[1].Diffs[0].Value)
		assert.Equal(t, 2*(480-320), diff.Diffs[1].Diffs[0].Occurrence, "B minus A, in spans")
	}
	check(found)
	for _, link := range []string{found.LinkA, found.LinkB} {
		var side seedSnapshot
		require.Equal(t, http.StatusOK, d.ask(t, http.MethodGet, link, nil, &side), link)
		assert.Equal(t, "complete", side.State)
		assert.Equal(t, 640, side.Coverage.Traces)
	}
	d.stop(t)

	d = startDiffer(t, storage, nil)
	var again seedDiff
	require.Equal(t, http.StatusOK, d.ask(t, http.MethodGet, "/api/diffs/"+found.ID, nil, &again))
	check(again)
	assert.Equal(t, found, again)
	said := d.assayctlDiff(t, found)
	assert.Regexp(t, `new.*403`, said)
	assert.Regexp(t, `missing.*503`, said)
	assert.Regexp(t, `missing.*429`, said)
	queries = nil
	eventually(t, "the query after a restart", 10*time.Second, func() bool {
		d.ask(t, http.MethodGet, "/api/queries", nil, &queries)
		return len(queries) == 1
	})
	assert.Equal(t, created, queries[0])
	var gone struct{ Msg seedQuery }
	require.Equal(t, http.StatusOK, d.ask(t, http.MethodDelete, "/api/queries/"+created.ID, nil, &gone))
	assert.Equal(t, created, gone.Msg)
	d.stop(t)
}

// assayctlDiff has the command line compare the two snapshots of a diff, which must find that they differ.
func (d *differ) assayctlDiff(t *testing.T, diff seedDiff) string {
	t.Helper()
	ctl := filepath.Join(repository(t), "_build", "assayctl")
	if _, err := os.Stat(ctl); err != nil {
		lacking(t, "_build/assayctl: run make build")
	}
	cmd := exec.CommandContext(t.Context(), ctl, "diff", "--url", "http://"+d.console, path.Base(diff.LinkA), path.Base(diff.LinkB))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAsf(t, err, &exit, "%s", out)
	assert.Equalf(t, 1, exit.ExitCode(), "%s", out)
	return string(out)
}
