package tracebuffer

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Records of several traces, of any size, come back as they went in, also where a walk reads only some of them.
func TestRecordsComeBack(t *testing.T) {
	type record struct {
		header Header
		body   []byte
	}
	rapid.Check(t, func(t *rapid.T) {
		b := New(Options{})
		defer b.Close()
		var traces [3]Trace
		var want [3][]record
		for range rapid.IntRange(1, 60).Draw(t, "records") {
			n := rapid.IntRange(0, 2).Draw(t, "trace")
			r := record{
				header: Header{
					SpanID: rapid.Uint64().Draw(t, "id"), ParentSpanID: rapid.Uint64Range(0, 3).Draw(t, "parent"),
					Start: rapid.Uint64().Draw(t, "start"), Duration: rapid.Int64().Draw(t, "duration"),
					Operation: rapid.Uint64().Draw(t, "operation"), Flags: rapid.Uint8().Draw(t, "flags"),
				},
				body: bytes.Repeat([]byte{byte(n + 1)}, rapid.SampledFrom([]int{0, 1, 20, 127, 128, 3000, 70_000}).Draw(t, "size")),
			}
			want[n] = append(want[n], r)
			b.AppendRecord(&traces[n], r.header, r.body)
		}
		for n := range traces {
			require.Equal(t, len(want[n]), traces[n].Spans())
			w := b.Headers(&traces[n])
			for i := 0; w.Next(); i++ {
				require.Equal(t, want[n][i].header, w.Header)
				if rapid.Bool().Draw(t, "read") {
					require.Equal(t, "before"+string(want[n][i].body), string(w.Record([]byte("before"))))
				}
			}
			b.Free(&traces[n])
		}
	})
}
