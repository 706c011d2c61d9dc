package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/confignet"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/assayhq/assay/internal/otlpfile"
)

// startReceiver runs the Collector's OTLP receiver in front of next and returns its endpoints.
func startReceiver(t *testing.T, next consumer.Traces, tls *configtls.ServerConfig) map[Protocol]string {
	t.Helper()
	endpoints := map[Protocol]string{GRPC: freeAddress(t), HTTP: freeAddress(t)}
	stop := startReceiverAt(t, endpoints, next, tls)
	t.Cleanup(stop)
	return endpoints
}

// startReceiverAt runs it at given endpoints until stop is called.
func startReceiverAt(t *testing.T, endpoints map[Protocol]string, next consumer.Traces, tls *configtls.ServerConfig) (stop func()) {
	t.Helper()
	factory := otlpreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	g := configgrpc.NewDefaultServerConfig()
	g.NetAddr = confignet.AddrConfig{Endpoint: endpoints[GRPC], Transport: confignet.TransportTypeTCP}
	h := confighttp.NewDefaultServerConfig()
	h.NetAddr = confignet.AddrConfig{Endpoint: endpoints[HTTP], Transport: confignet.TransportTypeTCP}
	if tls != nil {
		g.TLS, h.TLS = configoptional.Some(*tls), configoptional.Some(*tls)
	}
	cfg.Protocols.GRPC = configoptional.Some(g)
	cfg.Protocols.HTTP = configoptional.Some(otlpreceiver.HTTPConfig{ServerConfig: h, TracesURLPath: pathHTTP})
	r, err := factory.CreateTraces(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, next)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	return func() { assert.NoError(t, r.Shutdown(context.Background())) }
}

func readTraces(t *testing.T, path string) []ptrace.Traces {
	t.Helper()
	r, err := otlpfile.Open(path)
	require.NoError(t, err)
	defer r.Close()
	var out []ptrace.Traces
	for {
		td, err := r.Next()
		if err != nil {
			return out
		}
		out = append(out, td)
	}
}

// contents is every span with all its fields and what it stands under, sorted.
func contents(t *testing.T, batches []ptrace.Traces) []string {
	t.Helper()
	var out []string
	for _, td := range batches {
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					one := ptrace.NewTraces()
					r := one.ResourceSpans().AppendEmpty()
					newResource(rs).CopyTo(r)
					sc := r.ScopeSpans().AppendEmpty()
					newScope(ss).CopyTo(sc)
					s.CopyTo(sc.Spans().AppendEmpty())
					b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(one)
					require.NoError(t, err)
					out = append(out, string(b))
				}
			}
		}
	}
	sort.Strings(out)
	return out
}

// formats writes batches in each format of a file, by name.
func formats(t *testing.T, batches []ptrace.Traces) map[string]string {
	t.Helper()
	var messages []byte
	for _, td := range batches {
		b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
		require.NoError(t, err)
		messages = append(binary.BigEndian.AppendUint32(messages, uint32(len(b))), b...)
	}
	lines := jsonLines(t, batches)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write(lines)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	defer z.Close()
	return map[string]string{
		"json": writeFile(t, lines), "json.gz": writeFile(t, gz.Bytes()),
		"proto": writeFile(t, messages), "proto.zst": writeFile(t, z.EncodeAll(messages, nil)),
	}
}

// Everything in a file arrives at a real receiver exactly once and unchanged, in every format and over each transport.
func TestEverythingArrivesOnce(t *testing.T) {
	batches := readTraces(t, filepath.Join(recorded, "tgen.jsonl.zst"))
	want := contents(t, batches)
	require.Len(t, want, 6260)
	for format, path := range formats(t, batches) {
		for _, protocol := range []Protocol{GRPC, HTTP} {
			for _, compression := range []string{"none", "gzip", "zstd"} {
				if compression != "none" && format != "proto" {
					continue // of requests; one format is enough
				}
				t.Run(format+"/"+string(protocol)+"/"+compression, func(t *testing.T) {
					sink := new(consumertest.TracesSink)
					cfg := NewConfig()
					cfg.Files, cfg.Speed, cfg.Rebase = []string{path}, Max, false
					cfg.Client.Endpoint = startReceiver(t, sink, nil)[protocol]
					cfg.Client.Protocol, cfg.Client.Compression = protocol, compression
					sum, err := Run(t.Context(), cfg)
					require.NoError(t, err)
					assert.True(t, sum.Complete())
					assert.Equal(t, int64(len(want)), sum.Accepted)
					assert.Equal(t, want, contents(t, sink.AllTraces()))
				})
			}
		}
	}
}

// fickle refuses, for now, every second batch it has not seen yet, and one batch for good.
type fickle struct {
	consumertest.TracesSink
	calls atomic.Int64
}

func (f *fickle) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	switch n := f.calls.Add(1); {
	case n == 1:
		return consumererror.NewPermanent(errors.New("cannot be stored"))
	case n%2 == 0 && n < 10:
		return errors.New("queue is full")
	default:
		return f.TracesSink.ConsumeTraces(ctx, td)
	}
}

// A receiver that refuses for a while gets everything once; what it refuses for good is counted.
func TestReceiverUnderPressure(t *testing.T) {
	for _, protocol := range []Protocol{GRPC, HTTP} {
		t.Run(string(protocol), func(t *testing.T) {
			batches := readTraces(t, filepath.Join(recorded, "mixed.jsonl.zst"))
			sink := new(fickle)
			cfg := NewConfig()
			cfg.Files, cfg.Speed, cfg.Rebase = []string{filepath.Join(recorded, "mixed.jsonl.zst")}, Max, false
			cfg.Client.Endpoint = startReceiver(t, sink, nil)[protocol]
			cfg.Client.Protocol = protocol
			sum, err := Run(t.Context(), cfg)
			require.NoError(t, err)
			assert.False(t, sum.Complete())
			assert.Equal(t, int64(4), sum.Retries)
			assert.Positive(t, sum.Refused)
			assert.Equal(t, sum.Spans, sum.Accepted+sum.Refused)
			assert.Equal(t, int64(sink.SpanCount()), sum.Accepted)
			require.Len(t, sum.Errors, 1)
			assert.Contains(t, sum.Errors[0].Text, "cannot be stored")

			// What arrived is what was sent but for one batch, and nothing arrived twice.
			left := map[string]int{}
			for _, s := range contents(t, batches) {
				left[s]++
			}
			for _, s := range contents(t, sink.AllTraces()) {
				left[s]--
			}
			missing := int64(0)
			for _, n := range left {
				require.GreaterOrEqual(t, n, 0)
				missing += int64(n)
			}
			assert.Equal(t, sum.Refused, missing)
		})
	}
}

// TLS with a private authority, over both transports.
func TestTLS(t *testing.T) {
	ca, cert, key := certificates(t)
	path := writeFile(t, jsonLines(t, everySecond(3)))
	for _, protocol := range []Protocol{GRPC, HTTP} {
		t.Run(string(protocol), func(t *testing.T) {
			sink := new(consumertest.TracesSink)
			server := configtls.NewDefaultServerConfig()
			server.CertFile, server.KeyFile = cert, key
			cfg := config(path)
			cfg.Speed = Max
			cfg.Client.Endpoint = startReceiver(t, sink, &server)[protocol]
			cfg.Client.Protocol, cfg.Client.CAFile = protocol, ca
			sum, err := Run(t.Context(), cfg)
			require.NoError(t, err)
			assert.Equal(t, 3, sink.SpanCount())
			assert.Equal(t, int64(3), sum.Accepted)

			cfg.Client.CAFile, cfg.Client.InsecureSkipVerify = "", true
			_, err = Run(t.Context(), cfg)
			require.NoError(t, err)

			cfg.Client.InsecureSkipVerify, cfg.Client.ServerName, cfg.Client.CAFile = false, "elsewhere", ca
			_, err = Run(t.Context(), cfg)
			assert.ErrorContains(t, err, "--server-name NAME says which is right")
		})
	}
	_, err := Run(t.Context(), func() Config {
		cfg := config(path)
		cfg.Client.CAFile = "/nonexistent/ca.pem"
		return cfg
	}())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestUnixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "otel.sock")
	factory := otlpreceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	g := configgrpc.NewDefaultServerConfig()
	g.NetAddr = confignet.AddrConfig{Endpoint: socket, Transport: confignet.TransportTypeUnix}
	cfg.Protocols.GRPC, cfg.Protocols.HTTP = configoptional.Some(g), configoptional.None[otlpreceiver.HTTPConfig]()
	sink := new(consumertest.TracesSink)
	r, err := factory.CreateTraces(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, sink)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	defer func() { assert.NoError(t, r.Shutdown(context.Background())) }()
	conf := config(writeFile(t, jsonLines(t, everySecond(2))))
	conf.Speed, conf.Client.Endpoint = Max, "unix://"+socket
	_, err = Run(t.Context(), conf)
	require.NoError(t, err)
	assert.Equal(t, 2, sink.SpanCount())
}
