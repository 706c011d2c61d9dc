package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/httpquery"
)

// words tells a backend's own word that it has no such trace from the 404 of a proxy, or of another server at its address.
type words struct {
	says   [][]byte                    // one of them is in the body of the backend's 404
	prove  func(context.Context) error // asks whether the address is the backend's; nil: it cannot be asked
	proven atomic.Bool                 // the address has shown a trace
}

// notThere judges a 404: nil means that the trace is not there.
func (w *words) notThere(ctx context.Context, body []byte) error {
	for _, one := range w.says {
		if bytes.Contains(body, one) {
			return nil
		}
	}
	if len(body) == 0 && w.proven.Load() {
		return nil
	}
	err := errors.New("that is not how it says that a trace is not there")
	if w.prove != nil {
		err = w.prove(ctx)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("status 404: %s; is this its address? %w", httpquery.Excerpt(body), err)
}

// have makes an answer of the spans that are there, which must be those of one trace.
func (w *words) have(id pcommon.TraceID, td ptrace.Traces) (Answer, error) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.TraceID() != id {
					return Answer{}, fmt.Errorf("asked for trace %s, answered with a span of trace %s", id, span.TraceID())
				}
			}
		}
	}
	if td.SpanCount() == 0 {
		return Answer{}, nil
	}
	w.proven.Store(true)
	return Answer{Found: true, Traces: td}, nil
}
