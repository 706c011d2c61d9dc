package otlpfile

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const recorded = "../../testdata/traces"

// The recorded traces are read whole, and all formats made from them hold the same batches.
func TestRecordedTraces(t *testing.T) {
	for _, tt := range []struct {
		file           string
		batches, spans int
	}{
		{"hotrod.jsonl.zst", 170, 17_209},
		{"mixed.jsonl.zst", 0, 11_489},
		{"tgen.jsonl.zst", 0, 6_260},
	} {
		t.Run(tt.file, func(t *testing.T) {
			r, err := Open(filepath.Join(recorded, tt.file))
			require.NoError(t, err)
			defer r.Close()
			batches, broken := readAll(t, r)
			assert.Empty(t, broken)
			if tt.batches > 0 {
				assert.Len(t, batches, tt.batches)
			}
			assert.Equal(t, tt.spans, spanCount(batches))

			var messages [][]byte
			for _, td := range batches {
				messages = append(messages, protoOf(t, td))
			}
			again, broken := readAll(t, openBytes(t, gzipped(t, framed(messages...))))
			assert.Empty(t, broken)
			require.Len(t, again, len(batches))
			for i := range again {
				require.Equal(t, string(messages[i]), string(protoOf(t, again[i])), "batch %d", i)
			}
		})
	}
}

func spanCount(batches []ptrace.Traces) int {
	n := 0
	for _, td := range batches {
		n += td.SpanCount()
	}
	return n
}

func BenchmarkRead(b *testing.B) {
	r, err := Open(filepath.Join(recorded, "hotrod.jsonl.zst"))
	require.NoError(b, err)
	batches, _ := readAll(b, r)
	require.NoError(b, r.Close())
	var jsonLines, messages [][]byte
	for _, td := range batches {
		jsonLines = append(jsonLines, jsonOf(b, td))
		messages = append(messages, protoOf(b, td))
	}
	spans := float64(spanCount(batches))
	for _, bb := range []struct {
		name    string
		content []byte
	}{
		{"json", lines(jsonLines...)},
		{"json.zst", zstdOf(b, lines(jsonLines...))},
		{"proto", framed(messages...)},
		{"proto.zst", zstdOf(b, framed(messages...))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				readAll(b, openBytes(b, bb.content))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/spans, "ns/span")
			b.ReportMetric(0, "ns/op")
		})
	}
}
