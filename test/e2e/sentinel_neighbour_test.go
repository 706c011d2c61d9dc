package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// flood is OTLP that is sent without a pause.
type flood struct {
	key               *identity.Key
	instance          uint16
	lookalikes        []byte
	spans             int          // of lookalikes
	accepted, refused atomic.Int64 // spans
}

// newFlood prepares traces of the same shop, made under the key of somebody else: but for their ids they are what a sentinel sends.
func newFlood(t *testing.T, instance uint16) *flood {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	other, err := identity.NewKey("the secret of somebody else")
	require.NoError(t, err)
	stream, td := ambient(t, other), ptrace.NewTraces()
	var plan traffic.Trace
	for n := range uint32(200) {
		stream.Trace(identity.TraceID{Slot: traffic.SlotOf(time.Now()) + n/10, Sequence: n % 10}, &plan)
		for i := range plan.Spans {
			rehearsal.Write(&plan, i, td)
		}
	}
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	require.NoError(t, err)
	return &flood{key: key, instance: instance, lookalikes: body, spans: td.SpanCount()}
}

// copies are spans of somebody else in the traces that the sentinel sends just now.
func (f *flood) copies() (body []byte, spans int) {
	td := ptrace.NewTraces()
	for n := range uint32(10) {
		id := f.key.Seal(identity.TraceID{Instance: f.instance, Slot: traffic.SlotOf(time.Now()), Sequence: n})
		for i := range byte(20) {
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", "frontend")
			span := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			span.SetTraceID(id)
			span.SetSpanID(pcommon.SpanID{1, i})
			span.SetName("GET /")
			span.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
			span.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(time.Millisecond)))
		}
	}
	body, _ = ptraceotlp.NewExportRequestFromTraces(td).MarshalProto() // it has nothing that could not be written
	return body, td.SpanCount()
}

// pours sends both as fast as they are taken, until ctx is over.
func (f *flood) pours(ctx context.Context, to string) {
	var pouring sync.WaitGroup
	for range 4 {
		pouring.Go(func() {
			for turn := 0; ctx.Err() == nil; turn++ {
				body, spans := f.lookalikes, f.spans
				if turn%5 == 0 {
					body, spans = f.copies()
				}
				f.pour(ctx, to, body, spans)
			}
		})
	}
	pouring.Wait()
}

func (f *flood) pour(ctx context.Context, to string, body []byte, spans int) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+to+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return // time is up
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode == http.StatusOK {
		f.accepted.Add(int64(spans))
	} else {
		f.refused.Add(int64(spans))
	}
}

// TestSentinelBesideANoisyNeighbour floods the pipeline that the sentinel's traces go through with spans that look like them, as
// fast as the collector takes it. Spans that only look like ours, or copy our trace ids, change nothing, and while there is memory
// the verdict stays ok. Where memory is short the memory limiter refuses batches of the sentinel, too. It tries again for as long
// as it is allowed to, and tells what was refused then for what it is: nothing is missing, since the pipeline never took it.
//
// It is not parallel: for some seconds it takes all the processors that there are.
func TestSentinelBesideANoisyNeighbour(t *testing.T) {
	for name, test := range map[string]struct {
		memory  int // MiB
		batch   section
		retries string
		lasts   time.Duration
	}{
		"with memory":     {memory: 400, batch: section{}, retries: "30s", lasts: 8 * time.Second},
		"short of memory": {memory: 80, batch: section{"timeout": "1s", "send_batch_size": 1_000_000}, retries: "500ms", lasts: 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			intake := freeAddress(t)
			s := &watched{console: freeAddress(t)}
			s.collector = start(t, nil, merged(t, []section{verifying(intake, s.console), {
				"receivers": section{"sentinel": section{
					"streams": section{"ambient": section{"rate": 10}}, "retry": section{"max_elapsed_time": test.retries},
				}},
				"processors": section{"memory_limiter": section{"check_interval": "100ms", "limit_mib": test.memory}, "batch": test.batch},
				"service": section{"pipelines": section{"traces/stored": section{
					"receivers": []string{"otlp", "sentinel"}, "processors": []string{"memory_limiter", "batch"},
				}}},
			}})...)
			s.until(t, "ok", 20*time.Second)
			before := s.status(t)
			f := newFlood(t, before.Vantages[0].Sources[0].Instance)
			ctx, cancel := context.WithTimeout(t.Context(), test.lasts)
			defer cancel()
			var pouring sync.WaitGroup
			pouring.Go(func() { f.pours(ctx, intake) })
			for end := time.Now().Add(test.lasts + lateAfter + 2*time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
				v := s.status(t)
				require.Empty(t, against(v, "refused_at_source"))
				if test.memory > 100 {
					require.Equal(t, "ok", v.State, v.Reasons)
				}
			}
			pouring.Wait()
			v := s.status(t)
			t.Logf("%d spans taken and %d refused of the neighbour; %v", f.accepted.Load(), f.refused.Load(), v.Verdicts)
			assert.Positive(t, f.accepted.Load())
			assert.Greater(t, f.accepted.Load()+f.refused.Load(), int64(100_000), "it was a flood")
			assert.Greater(t, v.Verdicts["delivered"], before.Verdicts["delivered"])
			if test.memory < 100 {
				assert.Positive(t, v.Verdicts["refused_at_source"])
				s.until(t, "ok", 20*time.Second)
			}
			s.stop(t)
		})
	}
}
