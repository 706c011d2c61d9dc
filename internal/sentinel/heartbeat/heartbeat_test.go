package heartbeat

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The switch hears nothing while the verdict is not ok, and again when it is.
func TestBeatsOnlyWhileWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var well atomic.Bool
		var sent, beats atomic.Int64
		h := Heartbeat{
			Send: func(context.Context) error { beats.Add(1); return nil }, Well: well.Load, Interval: 30 * time.Second,
			Sent: func() { sent.Add(1) },
		}
		h.Start()
		<-time.After(time.Minute + time.Second)
		assert.Zero(t, beats.Load())
		well.Store(true)
		<-time.After(time.Minute)
		assert.Equal(t, int64(2), beats.Load())
		assert.Equal(t, int64(2), sent.Load())
		well.Store(false)
		<-time.After(time.Hour)
		assert.Equal(t, int64(2), beats.Load())
		h.Shutdown()
		h.Shutdown()
	})
}

func TestServerThatHangsDoesNotStopIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed []error
		h := Heartbeat{
			Send:     func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			Well:     func() bool { return true },
			Interval: time.Second,
			Failed:   func(err error) { failed = append(failed, err) },
		}
		h.Start()
		<-time.After(3*time.Second + 500*time.Millisecond)
		h.Shutdown()
		require.NotEmpty(t, failed)
		assert.ErrorIs(t, failed[0], context.DeadlineExceeded)
	})
}

func TestPost(t *testing.T) {
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodPost, r.Method)
		w.WriteHeader(status)
	}))
	defer server.Close()
	defer server.Client().CloseIdleConnections()
	post := Post(server.Client(), server.URL)
	require.NoError(t, post(t.Context()))
	status = http.StatusBadGateway
	require.ErrorContains(t, post(t.Context()), "status 502")
	require.Error(t, Post(server.Client(), "http://[")(t.Context()))
}

func TestShutdownWithoutStart(*testing.T) {
	h := Heartbeat{Failed: func(error) { panic(errors.New("not started")) }}
	h.Shutdown()
}
