package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/httpquery"
)

// tempo asks Tempo's HTTP API for a trace in protobuf: the message has the resource spans in field 1, as OTLP has them. The JSON
// of the same API is no OTLP: its ids are in base64, and what is called resourceSpans elsewhere is called batches.
type tempo struct {
	httpquery.Query
	finder finder
}

var _ Backend = (*tempo)(nil)

func newTempo(q httpquery.Query) *tempo {
	t := &tempo{Query: q}
	// Until 2.5 the word is this one, since 2.6 there is none.
	t.finder.fetch, t.finder.says, t.finder.echo = t.fetch, []string{"trace not found"}, t.echo
	return t
}

// echo asks for the answer by which Grafana, too, knows a Tempo.
func (t *tempo) echo(ctx context.Context) error {
	body, err := t.Get(ctx, "api/echo", nil, "*/*")
	if errors.Is(err, httpquery.ErrNotFound) {
		return errors.New("there is no /api/echo either")
	}
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(body)) != "echo" {
		return fmt.Errorf("/api/echo must answer \"echo\", got %q", httpquery.Excerpt(body))
	}
	return nil
}

// Lens implements Backend.
func (*tempo) Lens() Lens { return tempoLens }

// Lookup implements Backend.
func (t *tempo) Lookup(ctx context.Context, q Question) (Answer, error) {
	answer, err := inTurn(ctx, q, t.finder.find)
	if err != nil {
		return Answer{}, fmt.Errorf("tempo: trace %s: %w", q.ID, err)
	}
	return answer, nil
}

func (t *tempo) fetch(ctx context.Context, q Question) (ptrace.Traces, []byte, error) {
	values := url.Values{}
	if !q.From.IsZero() {
		values.Set("start", strconv.FormatInt(q.From.Unix(), 10))
		values.Set("end", strconv.FormatInt(q.To.Unix()+1, 10))
	}
	body, err := t.Get(ctx, "api/traces/"+q.ID.String(), values, "application/protobuf")
	if err != nil {
		return ptrace.Traces{}, body, err
	}
	td := ptrace.Traces{}
	if err = boundProto(body); err == nil {
		td, err = (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	}
	if err != nil {
		return ptrace.Traces{}, nil, fmt.Errorf("not a trace in protobuf (%s): %w; does a proxy change the Accept header?", httpquery.Excerpt(body), err)
	}
	return td, nil, nil
}
