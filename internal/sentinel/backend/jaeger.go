package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/httpquery"
)

// jaeger asks Jaeger's query service: API v3, which answers in OTLP, for the spans, and the JSON API of its UI for how often
// each is stored, since v3 may show a span once unless it knows raw_traces (1.65).
type jaeger struct {
	httpquery.Query
	finder finder
}

var _ Backend = (*jaeger)(nil)

func newJaeger(q httpquery.Query) *jaeger {
	j := &jaeger{Query: q}
	j.finder.fetch, j.finder.says = j.fetch, []string{"No traces found", "trace not found"}
	return j
}

// Lens implements Backend.
func (*jaeger) Lens() Lens { return jaegerLens }

// Lookup implements Backend.
func (j *jaeger) Lookup(ctx context.Context, q Question) (Answer, error) {
	answer, err := inTurn(ctx, q, func(ctx context.Context, q Question) (Answer, error) {
		answer, err := j.finder.find(ctx, q)
		if err == nil && answer.Found {
			answer.Copies, err = j.copies(ctx, q.ID)
		}
		return answer, err
	})
	if err != nil {
		return Answer{}, fmt.Errorf("jaeger: trace %s: %w", q.ID, err)
	}
	return answer, nil
}

func (j *jaeger) fetch(ctx context.Context, q Question) (ptrace.Traces, []byte, error) {
	values := url.Values{"raw_traces": {"true"}}
	if !q.From.IsZero() {
		values.Set("start_time", q.From.UTC().Format(time.RFC3339Nano))
		values.Set("end_time", q.To.UTC().Format(time.RFC3339Nano))
	}
	body, err := j.Get(ctx, "api/v3/traces/"+q.ID.String(), values, "application/json")
	if err != nil {
		return ptrace.Traces{}, body, err
	}
	td, err := readV3(body)
	return td, nil, err
}

// readV3 joins the parts of an answer: a stream of objects, each with a result in OTLP JSON or an error.
func readV3(body []byte) (ptrace.Traces, error) {
	all := ptrace.NewTraces()
	if err := boundJSON(body); err != nil {
		return all, fmt.Errorf("not an answer of Jaeger's API v3: %w", err)
	}
	stream := json.NewDecoder(bytes.NewReader(body))
	for {
		var part struct {
			Result json.RawMessage `json:"result"`
			Error  *struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		err := stream.Decode(&part)
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, fmt.Errorf("not an answer of Jaeger's API v3: %w", err)
		case part.Error != nil:
			return all, fmt.Errorf("jaeger says: %s", part.Error.Message)
		case part.Result == nil:
			return all, errors.New("not an answer of Jaeger's API v3: neither result nor error")
		}
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(part.Result)
		if err != nil {
			return all, fmt.Errorf("result: %w; API v3 is in OTLP JSON since Jaeger 1.54", err)
		}
		td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
	}
}

// copies counts the stored copies of each span through the JSON API, nil where a server has switched that API off.
func (j *jaeger) copies(ctx context.Context, id pcommon.TraceID) (map[pcommon.SpanID]int, error) {
	body, err := j.Get(ctx, "api/traces/"+id.String(), url.Values{"raw": {"true"}}, "application/json")
	if errors.Is(err, httpquery.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readCopies(body)
}
