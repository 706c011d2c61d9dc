package replay

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// grpcServer answers every export with a function.
type grpcServer struct {
	ptraceotlp.UnimplementedGRPCServer
	export func(context.Context, ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error)
}

func (s *grpcServer) Export(ctx context.Context, r ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return s.export(ctx, r)
}

func serveGRPC(t *testing.T, register func(*grpc.Server)) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := grpc.NewServer()
	register(s)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		assert.NoError(t, <-served)
	})
	return l.Addr().String()
}

func sendGRPC(t *testing.T, endpoint string, body []byte) answer {
	t.Helper()
	cfg := newClientConfig()
	cfg.Endpoint, cfg.Protocol = endpoint, GRPC
	cfg.Headers = []string{"x-tenant=acme"}
	cfg.Timeout = time.Second
	c, err := newClient(t.Context(), &cfg, 1)
	require.NoError(t, err)
	defer c.close()
	return c.send(t.Context(), body)
}

func TestGRPCAnswers(t *testing.T) {
	detailed := func(code codes.Code, d time.Duration) error {
		s, err := status.New(code, "later").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(d)})
		require.NoError(t, err)
		return s.Err()
	}
	tests := []struct {
		name string
		resp ptraceotlp.ExportResponse
		err  error
		want answer
		text string
	}{
		{name: "taken", resp: ptraceotlp.NewExportResponse()},
		{name: "partial", resp: partialSuccess(t, 3, "no room"), want: answer{rejected: 3, message: "no room"}},
		{name: "unavailable", err: status.Error(codes.Unavailable, "memory\nfull"), want: answer{retryable: true}, text: "gRPC Unavailable: memory full"},
		{name: "unavailable with a delay", err: detailed(codes.Unavailable, 7*time.Second), want: answer{retryable: true, retryAfter: 7 * time.Second}, text: "gRPC Unavailable: later"},
		{name: "exhausted", err: status.Error(codes.ResourceExhausted, "too large"), text: "gRPC ResourceExhausted: too large"},
		{name: "exhausted with a delay", err: detailed(codes.ResourceExhausted, 2*time.Second), want: answer{retryable: true, retryAfter: 2 * time.Second}, text: "gRPC ResourceExhausted: later"},
		{name: "invalid", err: status.Error(codes.InvalidArgument, "bad"), text: "gRPC InvalidArgument: bad"},
		{name: "not allowed", err: status.Error(codes.Unauthenticated, "who"), want: answer{misdirected: true}, text: "gRPC Unauthenticated: who"},
		{name: "late", err: status.Error(codes.DeadlineExceeded, "slow"), want: answer{retryable: true, timedOut: true}, text: "gRPC DeadlineExceeded: slow"},
		{name: "aborted", err: status.Error(codes.Aborted, "again"), want: answer{retryable: true}, text: "gRPC Aborted: again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var spans int
			endpoint := serveGRPC(t, func(s *grpc.Server) {
				ptraceotlp.RegisterGRPCServer(s, &grpcServer{export: func(ctx context.Context, r ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
					spans = r.Traces().SpanCount()
					md, _ := metadata.FromIncomingContext(ctx)
					assert.Equal(t, []string{"acme"}, md.Get("x-tenant"))
					return tt.resp, tt.err
				}})
			})
			b, err := encodeBatch(traces(spec{1, 1, 0, 1}, spec{1, 2, 0, 1}))
			require.NoError(t, err)
			got := sendGRPC(t, endpoint, b.body)
			assert.Equal(t, 2, spans)
			if tt.text == "" {
				require.NoError(t, got.err)
			} else {
				require.EqualError(t, got.err, tt.text)
			}
			got.err = nil
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestGRPCWithoutTraces(t *testing.T) {
	got := sendGRPC(t, serveGRPC(t, func(*grpc.Server) {}), nil)
	assert.True(t, got.misdirected)
	assert.ErrorContains(t, got.err, "gRPC Unimplemented")
}

func TestGRPCNothingListens(t *testing.T) {
	got := sendGRPC(t, freeAddress(t), nil)
	assert.True(t, got.unreached)
	assert.Regexp(t, `^dial tcp 127\.0\.0\.1:\d+: connect: connection refused$`, got.err.Error())
}

// freeAddress is a place where nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
