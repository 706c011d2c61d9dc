package httpquery

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Large answers of all lookups take turns, small ones do not wait for them.
func TestTurns(t *testing.T) {
	body := strings.Repeat(" ", small+1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, body[:len(body)-len(r.URL.Query().Get("less"))])
	}))
	defer server.Close()
	q, err := New(server.URL, server.Client())
	require.NoError(t, err)
	var turns [largeAtOnce]*Turn
	for i := range turns {
		var ctx context.Context
		ctx, turns[i] = WithTurn(t.Context())
		for range 2 { // the second answer has the turn of the first
			got, err := q.Get(ctx, "", nil, "*/*")
			require.NoError(t, err)
			require.Len(t, got, len(body))
		}
	}
	got, err := q.Get(t.Context(), "", map[string][]string{"less": {"x"}}, "*/*")
	require.NoError(t, err)
	assert.Len(t, got, small)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = q.Get(ctx, "", nil, "*/*")
	require.ErrorIs(t, err, context.DeadlineExceeded, "nobody's turn has ended")
	turns[0].End()
	turns[0].End()
	for range 2 { // without a turn of its own, it ends with the answer
		_, err = q.Get(t.Context(), "", nil, "*/*")
		require.NoError(t, err)
	}
	for _, turn := range turns {
		turn.End()
	}
	(*Turn)(nil).End()
	assert.Empty(t, large)
}
