package replay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

// exportMethod is the full name of OTLP's call for traces.
const exportMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// grpcClient speaks OTLP/gRPC. Requests are encoded already, so the call is made with the codec below instead of
// ptraceotlp's client, which would decode and encode every batch again.
type grpcClient struct {
	conn    *grpc.ClientConn
	timeout time.Duration
}

func newGRPCClient(ctx context.Context, c *ClientConfig, t Target) (*grpcClient, error) {
	cfg := configgrpc.NewDefaultClientConfig()
	cfg.Endpoint = t.Address
	cfg.TLS = c.tls(t)
	cfg.Compression = c.compression()
	cfg.UserAgent = c.UserAgent
	var err error
	if cfg.Headers, err = c.headers(); err != nil {
		return nil, err
	}
	conn, err := cfg.ToClientConn(ctx, nil, noTelemetry(),
		configgrpc.WithGrpcDialOption(grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{}))),
		configgrpc.WithGrpcDialOption(grpc.WithConnectParams(reconnect())))
	if err != nil {
		return nil, fmt.Errorf("set up the gRPC client: %w", err)
	}
	return &grpcClient{conn: conn, timeout: c.Timeout}, nil
}

// reconnect has lost connections tried again soon. By default gRPC waits for up to two minutes between attempts, and until then answers
// requests with the error of the last one, so that retries would not notice a receiver that is back.
func reconnect() grpc.ConnectParams {
	p := grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: 20 * time.Second}
	p.Backoff.BaseDelay, p.Backoff.MaxDelay = firstBackoff/2, firstBackoff
	return p
}

func (c *grpcClient) send(ctx context.Context, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var reply []byte
	if err := c.conn.Invoke(ctx, exportMethod, body, &reply); err != nil {
		return grpcRefused(err)
	}
	r := ptraceotlp.NewExportResponse()
	if err := r.UnmarshalProto(reply); err != nil {
		return answer{err: fmt.Errorf("the answer is not one of OTLP: %w", err), misdirected: true}
	}
	return partial(r)
}

func (c *grpcClient) close() error { return c.conn.Close() }

// grpcRefused sorts an error into the classes of the OTLP specification (OTLP/gRPC Response, Failures).
func grpcRefused(err error) answer {
	s := status.Convert(err)
	a := answer{err: fmt.Errorf("gRPC %s: %s", s.Code(), oneLine(s.Message()))}
	var info *errdetails.RetryInfo
	for _, d := range s.Details() {
		if ri, ok := d.(*errdetails.RetryInfo); ok {
			info = ri
			a.retryAfter = max(0, ri.GetRetryDelay().AsDuration())
		}
	}
	switch s.Code() {
	case codes.DeadlineExceeded:
		a.retryable, a.timedOut = true, true
	case codes.Canceled, codes.Aborted, codes.OutOfRange, codes.DataLoss:
		a.retryable = true
	case codes.Unavailable:
		a.retryable = true
		if a.unreached = fromTransport(s.Message()); a.unreached {
			a.err = errors.New(oneLine(dialError(s.Message())))
		}
	case codes.ResourceExhausted:
		a.retryable = info != nil // without it the request will never fit
	case codes.Unimplemented, codes.Unauthenticated, codes.PermissionDenied:
		a.misdirected = true
	}
	return a
}

// fromTransport tells grpc-go's own Unavailable from one that a server sent.
func fromTransport(message string) bool {
	for _, part := range []string{"connection error:", "error reading from server", "transport is closing", "name resolver error", "produced zero addresses"} {
		if strings.Contains(message, part) {
			return true
		}
	}
	return false
}

// dialError takes grpc-go's wrapping off the error of a connection.
func dialError(message string) string {
	if _, cause, found := strings.Cut(message, "transport: Error while dialing: "); found {
		return strings.TrimSuffix(cause, `"`)
	}
	return message
}

// rawCodec passes encoded messages through: []byte out, *[]byte in. The name is that of the content type that OTLP has.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("encode request: got %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return errors.New("decode answer: not a byte slice")
	}
	*b = data.Materialize()
	return nil
}
