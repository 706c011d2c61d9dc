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

// finder asks one backend for traces, and tells its own word that there is none from the 404 of a proxy, or of another server at
// its address:
//
//	404 ──▶ in the backend's words? ── yes ──────────────────────────────────────────────▶ not there
//	             └─ no ─▶ does it show a trace that it has shown before, or echo? ─ yes ─▶ asked again: 404 ─▶ not there
//	                                                        └─ no ──────────────────────────────────────────▶ an error
//
// It is asked again since a proxy may have come back in between.
type finder struct {
	// fetch makes the request. With httpquery.ErrNotFound comes the body of the 404.
	fetch func(context.Context, Question) (td ptrace.Traces, body []byte, err error)
	says  []string                    // one of them is in the body of the backend's 404
	echo  func(context.Context) error // asks whether the address is the backend's; nil: it cannot be asked
	shown atomic.Pointer[Question]    // the latest trace that it has shown
}

// errEmpty is an answer that says nothing: both backends say by a 404 that a trace is not there.
var errEmpty = errors.New("answered without a span: neither a trace nor the word that there is none")

// find looks a trace up.
func (f *finder) find(ctx context.Context, q Question) (Answer, error) {
	answer, body, err := f.once(ctx, q)
	if !errors.Is(err, httpquery.ErrNotFound) {
		return answer, err
	}
	for _, one := range f.says {
		if bytes.Contains(body, []byte(one)) {
			return Answer{}, nil
		}
	}
	if err := f.prove(ctx); err != nil {
		return Answer{}, fmt.Errorf("status 404: %s; is this its address? %w", httpquery.Excerpt(body), err)
	}
	if answer, _, err = f.once(ctx, q); errors.Is(err, httpquery.ErrNotFound) {
		return Answer{}, nil
	}
	return answer, err
}

// prove says why the address may not be the backend's.
func (f *finder) prove(ctx context.Context) error {
	if shown := f.shown.Load(); shown != nil {
		if answer, _, err := f.once(ctx, *shown); err == nil && answer.Found {
			return nil
		}
	}
	if f.echo != nil {
		return f.echo(ctx)
	}
	return errors.New("that is not how it says that a trace is not there")
}

func (f *finder) once(ctx context.Context, q Question) (Answer, []byte, error) {
	td, body, err := f.fetch(ctx, q)
	if err != nil {
		return Answer{}, body, err
	}
	if err := mustBeOf(q.ID, td); err != nil {
		return Answer{}, nil, err
	}
	if td.SpanCount() == 0 {
		return Answer{}, nil, errEmpty
	}
	f.shown.Store(&q)
	return Answer{Found: true, Traces: td}, nil, nil
}

// mustBeOf complains of spans of another trace.
func mustBeOf(id pcommon.TraceID, td ptrace.Traces) error {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.TraceID() != id {
					return fmt.Errorf("asked for trace %s, answered with a span of trace %s", id, span.TraceID())
				}
			}
		}
	}
	return nil
}
