package otlpfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A line, message or decompressed message beyond the limit costs no more than the limit, and lines go on behind it.
func TestRecordLimit(t *testing.T) {
	big := batch(strings.Repeat("x", 4000))
	small := batch("a")
	limit := WithMaxRecordBytes(2000)

	got, broken := readAll(t, openBytes(t, lines(jsonOf(t, small), jsonOf(t, big), jsonOf(t, small)), limit))
	assert.Equal(t, "a | a", names(got))
	require.Len(t, broken, 1)
	assert.Contains(t, broken[0].Error(), "line 2")
	assert.Contains(t, broken[0].Error(), "longer than 2000 bytes")

	// The last piece of a line, as it comes out of the read buffer, may fit again.
	huge := lines(jsonOf(t, batch(strings.Repeat("x", 2*readAhead+100))), jsonOf(t, small))
	got, broken = readAll(t, openBytes(t, huge, WithMaxRecordBytes(readAhead+1000)))
	assert.Equal(t, "a", names(got))
	assert.Len(t, broken, 1)

	got, broken = readAll(t, openBytes(t, pretty(t, big, "", " "), limit))
	assert.Empty(t, got)
	require.Len(t, broken, 1)
	assert.Contains(t, broken[0].Error(), "longer than 2000 bytes")

	bomb := zstdOf(t, protoOf(t, big))
	require.Less(t, len(bomb), 2000)
	got, broken = readAll(t, openBytes(t, framed(bomb, protoOf(t, small)), limit))
	assert.Equal(t, "a", names(got))
	require.Len(t, broken, 1)
	assert.Contains(t, broken[0].Error(), "more than 2000 bytes when decompressed")

	for _, n := range []int{0, -1, 1 << 30} {
		_, err := Open(Stdin, WithMaxRecordBytes(n))
		assert.ErrorContains(t, err, "largest record: must be 1 to 134217728 bytes")
	}
}

// A protobuf document is cut into batches, so that its size does not matter.
func TestLargeProtobufDocument(t *testing.T) {
	name := strings.Repeat("n", 10_000)
	var content []byte
	for range 500 {
		content = append(content, protoOf(t, batch(name))...)
	}
	got, broken := readAll(t, openBytes(t, content))
	assert.Empty(t, broken)
	assert.Len(t, got, 5, "5 MB in batches of about 1 MiB")
	spans := 0
	for _, td := range got {
		spans += td.SpanCount()
	}
	assert.Equal(t, 500, spans)
}
