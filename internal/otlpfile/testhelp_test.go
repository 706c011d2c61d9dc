package otlpfile

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// batch makes traces with the given span names: one resource, trace ids 1, 2, ...
func batch(names ...string) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	spans := rs.ScopeSpans().AppendEmpty().Spans()
	for i, name := range names {
		s := spans.AppendEmpty()
		s.SetName(name)
		s.SetTraceID(pcommon.TraceID{15: byte(i + 1)})
		s.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		s.SetStartTimestamp(1)
		s.SetEndTimestamp(2)
	}
	return td
}

func jsonOf(t testing.TB, td ptrace.Traces) []byte {
	t.Helper()
	b, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return b
}

func protoOf(t testing.TB, td ptrace.Traces) []byte {
	t.Helper()
	b, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	require.NoError(t, err)
	return b
}

func framed(messages ...[]byte) []byte {
	var out []byte
	for _, m := range messages {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(m))), m...)
	}
	return out
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func zstdOf(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func lines(records ...[]byte) []byte {
	return append(bytes.Join(records, []byte("\n")), '\n')
}

func openBytes(t testing.TB, content []byte, opts ...Option) *Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "traces")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	r, err := Open(path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// readAll reads to the end and returns the batches and the errors, each at its place. It stops at the first error that is
// not resumable.
func readAll(t testing.TB, r *Reader) (batches []ptrace.Traces, broken []*RecordError) {
	t.Helper()
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) && !errors.As(err, new(*RecordError)) {
			return batches, broken
		}
		if err != nil {
			var rec *RecordError
			require.ErrorAs(t, err, &rec)
			broken = append(broken, rec)
			if !rec.Resumable {
				return batches, broken
			}
			continue
		}
		batches = append(batches, td)
	}
}

// names lists the span names, a space between spans and a bar between batches.
func names(batches []ptrace.Traces) string {
	var all []string
	for _, td := range batches {
		var one []string
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					one = append(one, s.Name())
				}
			}
		}
		all = append(all, strings.Join(one, " "))
	}
	return strings.Join(all, " | ")
}
