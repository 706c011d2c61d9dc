package replay

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"google.golang.org/grpc"
)

// What a newcomer gets wrong ends with a word on what to do. The servers are real ones.
func TestWaysOut(t *testing.T) {
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	guarded := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer guarded.Close()
	quiet := zap.NewStdLog(zap.NewNop())
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	defer secure.Close()
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.Config.ErrorLog = quiet
	old.StartTLS()
	defer old.Close()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	plainGRPC := serveGRPC(t, func(*grpc.Server) {})

	tests := []struct {
		name, endpoint string
		protocol       Protocol
		want           string
	}{
		{"nothing listens, gRPC", freeAddress(t), GRPC, "is the collector running? `make run` starts one"},
		{"nothing listens, HTTP", freeAddress(t), HTTP, "is the collector running? `make run` starts one"},
		{"no such socket", "unix:///nonexistent/otel.sock", GRPC, "is the path of the socket right?"},
		{"another page", page.URL, HTTP, "the path is usually /v1/traces, the port 4318"},
		{"credentials", guarded.URL, HTTP, `--header "Authorization=Bearer ...`},
		{"HTTP asked for gRPC", page.Listener.Addr().String(), GRPC, "try --protocol http"},
		{"gRPC asked for HTTP", plainGRPC, HTTP, "try --protocol grpc"},
		{"gRPC without traces", plainGRPC, GRPC, "is the otlp receiver in a traces pipeline?"},
		{"plain server asked for TLS", "https://" + page.Listener.Addr().String(), HTTP, "the server speaks without TLS"},
		{"plain gRPC server asked for TLS", "https://" + plainGRPC, GRPC, "the server speaks without TLS"},
		{"unknown authority", secure.URL, HTTP, "--ca-file names the certificate authority"},
		{"unknown authority, gRPC", secure.URL, GRPC, "--ca-file names the certificate authority"},
		{"HTTP/1.1 with TLS asked for gRPC", old.URL, GRPC, "that port does not speak gRPC"},
		{"no answer", silent.Addr().String(), HTTP, "raise --timeout"},
		{"no answer, gRPC", silent.Addr().String(), GRPC, "raise --timeout"},
	}
	path := writeFile(t, jsonLines(t, everySecond(3)))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(path)
			cfg.Speed = Max
			cfg.Client.Endpoint, cfg.Client.Protocol = tt.endpoint, tt.protocol
			cfg.Client.Timeout, cfg.Client.RetryFor = 5*time.Second, 0 // the machine may be busy
			if strings.HasPrefix(tt.name, "no answer") {
				cfg.Client.Timeout = 300 * time.Millisecond
			}
			sum, err := Run(t.Context(), cfg)
			var connection *ConnectionError
			require.ErrorAs(t, err, &connection)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "cannot send to "+connection.Target.String()+": ")
			assert.Zero(t, sum.Accepted)
			assert.Equal(t, sum.Spans, sum.Unsent)
		})
	}
}

func TestConnectionErrorWithoutHint(t *testing.T) {
	cause := errors.New("odd")
	err := &ConnectionError{Target{Protocol: GRPC, Address: "x:1"}, cause}
	assert.Equal(t, "cannot send to gRPC x:1: odd", err.Error())
	assert.ErrorIs(t, err, cause)
}
