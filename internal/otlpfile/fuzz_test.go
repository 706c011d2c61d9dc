package otlpfile

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzReader feeds arbitrary bytes: no panic, no endless loop, and what was read can be written and read again.
func FuzzReader(f *testing.F) {
	one, two := batch("a", "b"), batch("c")
	j, p := jsonOf(f, one), protoOf(f, one)
	f.Add(lines(j, jsonOf(f, two)))
	f.Add(append([]byte("\n{\n"), j[1:]...))
	f.Add(framed(p, protoOf(f, two)))
	f.Add(framed(zstdOf(f, p), j))
	f.Add(append(bytes.Clone(p), p...))
	f.Add(gzipped(f, lines(j)))
	f.Add(zstdOf(f, framed(p)))
	f.Add([]byte("x\n{\"resourceLogs\":[]}\n[{}]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		const limit = 64 << 10
		r, err := Open(Stdin, WithStdin(bytes.NewReader(content)), WithMaxRecordBytes(limit))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		// A record takes at least two bytes of content, which zstd may have made of less than a hundredth of it.
		for range 1 << 20 {
			td, err := r.Next()
			var rec *RecordError
			switch {
			case errors.As(err, &rec):
				if rec.Error() == "" || rec.Offset < 0 {
					t.Fatalf("error without a place: %+v", rec)
				}
				if !rec.Resumable {
					return
				}
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				t.Fatalf("%T: %v", err, err)
			default:
				again, err := (&decoder{maxBytes: maxMaxRecordBytes}).fromProto(protoOf(t, td))
				if err != nil {
					t.Fatalf("what was read cannot be written: %v", err)
				}
				if again.SpanCount() != td.SpanCount() {
					t.Fatalf("%d spans read, %d after writing", td.SpanCount(), again.SpanCount())
				}
			}
		}
		if len(content) < 1024 {
			t.Fatal("no end")
		}
	})
}
