package backend

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/httpquery"
)

// tempo asks Tempo's HTTP API for a trace in protobuf: the message has the resource spans in field 1, as OTLP has them.
type tempo struct{ httpquery.Query }

var _ Backend = (*tempo)(nil)

// Lens implements Backend.
func (*tempo) Lens() Lens { return tempoLens }

// Lookup implements Backend.
func (t *tempo) Lookup(ctx context.Context, q Question) (Answer, error) {
	values := url.Values{}
	if !q.From.IsZero() {
		values.Set("start", strconv.FormatInt(q.From.Unix(), 10))
		values.Set("end", strconv.FormatInt(q.To.Unix()+1, 10))
	}
	id := hex.EncodeToString(q.ID[:])
	body, err := t.Get(ctx, "api/traces/"+id, values, "application/protobuf")
	if errors.Is(err, httpquery.ErrNotFound) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
	if err != nil {
		return Answer{}, fmt.Errorf("tempo: trace %s: not a trace in protobuf: %w", id, err)
	}
	return Answer{Found: td.SpanCount() > 0, Traces: td}, nil
}
