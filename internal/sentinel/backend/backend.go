package backend

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/httpquery"
)

// Kind names a sort of backend, as in the configuration.
type Kind string

// The kinds.
const (
	KindJaeger Kind = "jaeger"
	KindTempo  Kind = "tempo"
)

// Kinds lists all of them.
func Kinds() []Kind { return []Kind{KindJaeger, KindTempo} }

// Question is which trace to look for, and where in time: some backends search all their blocks without it.
type Question struct {
	ID       pcommon.TraceID
	From, To time.Time // when the trace began and ended, with a margin; zero: anywhere
}

// Answer is what a backend has of a trace.
type Answer struct {
	Found bool
	// Traces are the spans, each once or as often as the backend returned it.
	Traces ptrace.Traces
	// Copies says how often a span is stored, where the backend tells although it shows it once; nil where it does not tell.
	Copies map[pcommon.SpanID]int

	turn *httpquery.Turn
}

// Done says that the answer is not needed any more. Large answers take turns: until then, they keep others from being read.
func (a *Answer) Done() { a.turn.End() }

// inTurn looks a trace up with one turn for all that is read, which the answer keeps.
func inTurn(ctx context.Context, q Question, find func(context.Context, Question) (Answer, error)) (Answer, error) {
	ctx, turn := httpquery.WithTurn(ctx)
	answer, err := find(ctx, q)
	if err != nil || !answer.Found {
		turn.End()
		return answer, err
	}
	answer.turn = turn
	return answer, nil
}

// Backend looks traces up. It may be used by several goroutines.
type Backend interface {
	// Lookup asks for a trace; call Done on the answer. An error means that nothing was learned: the backend did not answer, or
	// not in its own terms.
	Lookup(ctx context.Context, q Question) (Answer, error)
	// Lens is what the backend is known to change.
	Lens() Lens
}

// New makes a backend of a kind. endpoint is the base address of its query API, such as http://localhost:16686. The client
// brings TLS, authentication and the time-out of one request.
func New(kind Kind, endpoint string, client *http.Client) (Backend, error) {
	q, err := httpquery.New(endpoint, client)
	if err != nil {
		return nil, err
	}
	switch kind {
	case KindJaeger:
		return newJaeger(q), nil
	case KindTempo:
		return newTempo(q), nil
	}
	return nil, fmt.Errorf("type: must be one of %v, got %q", Kinds(), kind)
}
