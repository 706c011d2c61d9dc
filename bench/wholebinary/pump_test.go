package wholebinary

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver counts what the pump posts.
type receiver struct {
	mu     sync.Mutex
	traces map[pcommon.TraceID]int
	spans  int
	answer int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	td, errParse := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	if err != nil || errParse != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "not an OTLP request", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rs := range td.ResourceSpans().All() {
		for _, span := range rs.ScopeSpans().At(0).Spans().All() {
			r.traces[span.TraceID()]++
			r.spans++
		}
	}
	w.WriteHeader(r.answer)
}

func listen(t *testing.T, answer int) (*receiver, string) {
	r := &receiver{traces: map[pcommon.TraceID]int{}, answer: answer}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, strings.TrimPrefix(server.URL, "http://")
}

// The pump ends by itself at its bound, counts what was accepted, and never sends a trace twice.
func TestPumpSendsFreshTracesUpToItsBound(t *testing.T) {
	r, address := listen(t, http.StatusOK)
	const most = 10 * workload.SpansPerRequest
	p, err := startPump(context.Background(), address, 0, time.Minute, most+7)
	require.NoError(t, err)
	p.group.Wait()
	require.NoError(t, p.end())
	require.EqualValues(t, most, p.accepted.Load())
	require.Equal(t, most, r.spans)
	require.Len(t, r.traces, most/workload.SpansPerTrace)
}

func TestPumpKeepsItsRate(t *testing.T) {
	_, address := listen(t, http.StatusOK)
	const rate, most = 20_000, 10 * workload.SpansPerRequest
	began := time.Now()
	p, err := startPump(context.Background(), address, rate, time.Minute, most)
	require.NoError(t, err)
	p.group.Wait()
	require.NoError(t, p.end())
	// The last request is due when all before it have had their time.
	require.GreaterOrEqual(t, time.Since(began).Seconds(), float64(most-workload.SpansPerRequest)/rate)
}

// A refusal ends the measurement: spans that were not accepted would make a sampler look fast.
func TestPumpReportsARefusal(t *testing.T) {
	_, address := listen(t, http.StatusServiceUnavailable)
	p, err := startPump(context.Background(), address, 0, time.Minute, mostSpans)
	require.NoError(t, err)
	p.group.Wait()
	require.ErrorContains(t, p.end(), "503")
	require.Zero(t, p.accepted.Load())
}

func TestPumpEndsWhenToldTo(t *testing.T) {
	_, address := listen(t, http.StatusOK)
	p, err := startPump(context.Background(), address, 1, time.Hour, mostSpans)
	require.NoError(t, err)
	require.NoError(t, p.end())
}

func TestCountersOfACollector(t *testing.T) {
	c := counters{
		`otelcol_processor_smart_tail_sampling_traces{decision="kept",reason="error"}`:        3,
		`otelcol_processor_smart_tail_sampling_traces_total{decision="dropped",reason="cap"}`: 9,
	}
	require.InDelta(t, 25, c.keptPercent(subject.Smart), 0)
	require.NoError(t, c.checkLosses(subject.Smart))
	c[`otelcol_processor_smart_tail_sampling_traces{decision="kept",reason="overflow"}`] = 1
	require.ErrorContains(t, c.checkLosses(subject.Smart), "overflow is 1")
}
