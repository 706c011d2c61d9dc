package otlpfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func pretty(t *testing.T, td ptrace.Traces, prefix, indent string) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, jsonOf(t, td), prefix, indent))
	return out.Bytes()
}

// Every layout and compression that a recorded file may have gives the same batches.
func TestLayouts(t *testing.T) {
	one, two := batch("a", "b"), batch("c")
	j1, j2 := jsonOf(t, one), jsonOf(t, two)
	p1, p2 := protoOf(t, one), protoOf(t, two)
	const both = "a b | c"
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"JSON lines", lines(j1, j2), both},
		{"JSON lines, no last line end", bytes.TrimRight(lines(j1, j2), "\n"), both},
		{"JSON lines, CRLF and blank lines", []byte("\r\n \n" + string(j1) + "\r\n\n" + string(j2) + "\r\n"), both},
		{"JSON lines with byte order mark", append([]byte("\xef\xbb\xbf"), lines(j1, j2)...), both},
		{"JSON objects in one line", append(bytes.Clone(j1), j2...), both},
		{"JSON lines with an empty object", lines([]byte("{}"), j1, j2), " | " + both},
		{"one JSON document", j1, "a b"},
		{"one pretty JSON document", pretty(t, one, "", "  "), "a b"},
		{"one pretty JSON document, no indent", pretty(t, one, "", ""), "a b"},
		{"a JSON document with a long first line", bytes.Replace(j1, []byte("["), []byte("["+strings.Repeat(" ", 300)+"\n"), 1), "a b"},
		{"one pretty JSON document behind an empty line", append([]byte("\n"), pretty(t, one, "", "\t")...), "a b"},
		{"two pretty JSON documents", lines(pretty(t, one, "", " "), pretty(t, two, "", " ")), both},
		{"snake case", []byte(`{"resource_spans":[{"scope_spans":[{"spans":[{"name":"a"}]}]}]}`), "a"},
		{"length-prefixed protobuf", framed(p1, p2), both},
		{"length-prefixed protobuf, an empty message", framed(p1, nil, p2), "a b |  | c"},
		{"length-prefixed zstd protobuf", framed(zstdOf(t, p1), zstdOf(t, p2)), both},
		{"length-prefixed zstd JSON", framed(zstdOf(t, j1), zstdOf(t, j2)), both},
		{"length-prefixed JSON", framed(j1, j2), both},
		{"one protobuf message", p1, "a b"},
		{"two protobuf messages put together", append(bytes.Clone(p1), p2...), "a b c"},
		{"empty file", nil, ""},
		{"white space", []byte("\n \n"), ""},
	}
	for _, tt := range tests {
		for _, c := range []struct {
			name string
			pack func(testing.TB, []byte) []byte
		}{
			{"plain", func(_ testing.TB, b []byte) []byte { return b }},
			{"gzip", gzipped},
			{"zstd", zstdOf},
		} {
			t.Run(tt.name+"/"+c.name, func(t *testing.T) {
				r := openBytes(t, c.pack(t, tt.content))
				got, broken := readAll(t, r)
				assert.Empty(t, broken)
				assert.Equal(t, tt.want, names(got))
			})
		}
	}
}

// `cat a.gz b.gz` and `cat a.zst b.zst` are sound files.
func TestCompressedMembersBehindEachOther(t *testing.T) {
	a, b := lines(jsonOf(t, batch("a"))), lines(jsonOf(t, batch("b")))
	for name, pack := range map[string]func(testing.TB, []byte) []byte{"gzip": gzipped, "zstd": zstdOf} {
		t.Run(name, func(t *testing.T) {
			got, broken := readAll(t, openBytes(t, append(pack(t, a), pack(t, b)...)))
			assert.Empty(t, broken)
			assert.Equal(t, "a | b", names(got))
		})
	}
}

// What was sound before and behind a broken record is still read, and the error says where it is.
func TestBrokenRecords(t *testing.T) {
	good, more := jsonOf(t, batch("a")), jsonOf(t, batch("b"))
	pb := protoOf(t, batch("a"))
	second := int64(len(good) + 1)
	tests := []struct {
		name    string
		content []byte
		want    string
		err     string // of the only error
	}{
		{
			"line cut off", lines(good, good[:len(good)-3], more), "a | b",
			fmt.Sprintf(`line 2, byte %d: the object is not closed at the end of the line: unexpected EOF; expected one complete {"resourceSpans": [...]} object`, second),
		},
		{
			"first line cut off", lines(good[:len(good)-3], more), "b",
			`line 1, byte 0: the object is not closed at the end of the line: unexpected EOF; expected one complete {"resourceSpans": [...]} object`,
		},
		{
			"line cut off within a string", lines(good[:len(`{"resourceS`)], more), "b",
			`line 1, byte 0: the object is not closed at the end of the line: unexpected EOF; expected one complete {"resourceSpans": [...]} object`,
		},
		{
			"text", lines(good, []byte("collector started"), more), "a | b",
			fmt.Sprintf(`line 2, byte %d: text outside of a JSON object; expected one complete {"resourceSpans": [...]} object`, second),
		},
		{
			"bad trace id", lines(good, []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}`), more), "a | b",
			fmt.Sprintf(`line 2, byte %d: ID.UnmarshalJSONIter: length mismatch`, second),
		},
		{
			"logs", lines([]byte(`{"resourceLogs":[]}`), good), "a",
			`line 1, byte 0: OTLP logs, not traces: an object with the keys resourceLogs; expected one complete {"resourceSpans": [...]} object`,
		},
		{
			"a Jaeger answer", []byte(`{"data":[],"total":0}`), "",
			`line 1, byte 0: not OTLP traces (a Jaeger API answer?): an object with the keys data, total; expected`,
		},
		{
			"deep nesting", lines([]byte(strings.Repeat(`{"a":`, 2000)+"1"+strings.Repeat("}", 2000)), good), "a",
			`line 1, byte 0: nested too deep; expected`,
		},
		{
			"document cut off", pretty(t, batch("a"), "", "  ")[:100], "",
			`line 1, byte 0: the object is not closed at the end of the file: unexpected EOF; expected`,
		},
		{
			"message of something else", framed(pb, []byte{0x0a, 0x7f, 0x01}, pb), "a | a",
			fmt.Sprintf("message 2, byte %d: ", len(pb)+4),
		},
		{
			"message cut off", framed(pb, pb)[:len(pb)*2], "a",
			fmt.Sprintf("message 2, byte %d: %d of %d bytes of the message: unexpected EOF; expected a message behind its length (4 bytes, big-endian)", len(pb)+4, len(pb)-8, len(pb)),
		},
		{
			"length cut off", append(framed(pb), 0, 0), "a",
			fmt.Sprintf("message 2, byte %d: the length: unexpected EOF; expected a message", len(pb)+4),
		},
		{
			"length beyond the limit", append(framed(pb), 7, 0, 0, 0, 1), "a",
			fmt.Sprintf("message 2, byte %d: a message of 117440512 bytes, the limit is 67108864; expected", len(pb)+4),
		},
		{
			"protobuf document cut off", append(bytes.Clone(pb), pb[:10]...), "",
			fmt.Sprintf("byte %d: 8 of %d bytes of the field: unexpected EOF; expected the field resource_spans", len(pb), pb[1]),
		},
		{
			"protobuf document with another field", append(bytes.Clone(pb), 0x12, 0), "",
			fmt.Sprintf("byte %d: a field with tag 0x12; expected", len(pb)),
		},
		{"array", []byte(" [{}]"), "", `byte 0: the file is a JSON array; expected one {"resourceSpans": [...]} object per line; jq -c '.[]'`},
		{"unknown format", []byte("PK\x03\x04...."), "", "byte 0: unknown format, first bytes 50 4b 03 04 2e 2e 2e 2e; expected OTLP JSON"},
		{"zstd cut off", zstdOf(t, lines(good))[:20], "", ": unexpected EOF; expected a readable, complete file"},
		{"gzip cut off", gzipped(t, lines(good))[:20], "", ": unexpected EOF; expected a readable, complete file"},
		{"zstd message damaged", framed(zstdOf(t, pb)[:12], pb), "a", "message 1, byte 0: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := openBytes(t, tt.content)
			got, broken := readAll(t, r)
			assert.Equal(t, tt.want, names(got))
			require.Len(t, broken, 1)
			assert.Contains(t, broken[0].Error(), tt.err)
			assert.True(t, strings.HasPrefix(broken[0].Error(), r.Path()+": "), "the error names the file")
			assert.Equal(t, 1, r.Broken())
		})
	}
}

func TestErrorBehindWhichNothingCanBeReadIsSticky(t *testing.T) {
	r := openBytes(t, append(framed(protoOf(t, batch("a"))), 0, 0), WithSkipBroken(nil))
	_, err := r.Next()
	require.NoError(t, err)
	_, first := r.Next()
	_, second := r.Next()
	require.Error(t, first)
	assert.Equal(t, first, second)
	assert.Equal(t, 1, r.Broken())
}

func TestSkipBrokenCountsAndReports(t *testing.T) {
	var seen []string
	content := lines([]byte("x"), jsonOf(t, batch("a")), []byte("y"), []byte("{"), jsonOf(t, batch("b")))
	r := openBytes(t, content, WithSkipBroken(func(e *RecordError) { seen = append(seen, strconv.Itoa(e.Line)) }))
	var got []ptrace.Traces
	for {
		td, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		got = append(got, td)
	}
	assert.Equal(t, "a | b", names(got))
	assert.Equal(t, []string{"1", "3", "4"}, seen)
	assert.Equal(t, 3, r.Broken())
}

func TestStdin(t *testing.T) {
	r, err := Open(Stdin, WithStdin(bytes.NewReader(lines([]byte("x"), jsonOf(t, batch("a"))))))
	require.NoError(t, err)
	_, err = r.Next()
	require.ErrorContains(t, err, "standard input: line 1, byte 0: text outside")
	td, err := r.Next()
	require.NoError(t, err)
	assert.Equal(t, "a", names([]ptrace.Traces{td}))
	read, total := r.Progress()
	assert.Positive(t, read)
	assert.Equal(t, int64(-1), total)
	require.NoError(t, r.Close())
}

func TestProgress(t *testing.T) {
	content := gzipped(t, lines(jsonOf(t, batch("a"))))
	r := openBytes(t, content)
	read, total := r.Progress()
	assert.Zero(t, read)
	assert.Equal(t, int64(len(content)), total)
	readAll(t, r)
	read, _ = r.Progress()
	assert.Equal(t, int64(len(content)), read)
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(dir)
	assert.ErrorContains(t, err, "is a directory; name the files in it")
}

func TestCloseAtAnyTime(t *testing.T) {
	r := openBytes(t, zstdOf(t, lines(jsonOf(t, batch("a")), jsonOf(t, batch("b")))))
	require.NoError(t, r.Close())
	_, err := r.Next()
	require.ErrorIs(t, err, os.ErrClosed)

	r = openBytes(t, zstdOf(t, lines(jsonOf(t, batch("a")), jsonOf(t, batch("b")))))
	_, err = r.Next()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	_, err = r.Next()
	assert.ErrorIs(t, err, os.ErrClosed)
}

// Nothing of a batch may live in the buffers that the next record overwrites.
func TestBatchesOutliveTheReader(t *testing.T) {
	for name, content := range map[string][]byte{
		"json":  lines(jsonOf(t, batch("first")), jsonOf(t, batch("other"))),
		"proto": framed(protoOf(t, batch("first")), protoOf(t, batch("other"))),
		"zstd":  framed(zstdOf(t, protoOf(t, batch("first"))), zstdOf(t, protoOf(t, batch("other")))),
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := readAll(t, openBytes(t, content))
			assert.Equal(t, "first | other", names(got))
			service, _ := got[0].ResourceSpans().At(0).Resource().Attributes().Get("service.name")
			assert.Equal(t, "shop", service.Str())
		})
	}
}
