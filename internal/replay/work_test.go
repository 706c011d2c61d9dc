package replay

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// late is a transport that reads from the body of a failed request after its answer, as HTTP and gRPC may.
type late struct{ kept, copies [][]byte }

func (l *late) send(_ context.Context, body []byte) answer {
	l.kept = append(l.kept, body)
	l.copies = append(l.copies, bytes.Clone(body))
	return answer{err: errors.New("HTTP 400 Bad Request")}
}

func (l *late) close() error { return nil }

func TestBodiesOfFailedRequestsAreNotReused(t *testing.T) {
	cfg := config(writeFile(t, jsonLines(t, everySecond(5))))
	cfg.Speed, cfg.NewIDs = Max, true
	l := &late{}
	_, err := run(t.Context(), cfg, Target{}, l)
	require.NoError(t, err)
	assert.Equal(t, l.copies, l.kept)
}
