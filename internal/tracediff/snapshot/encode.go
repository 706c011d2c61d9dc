package snapshot

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// An encoded snapshot is
//
//	"assaysnp" 8 B | version 1 B | length of what follows decompressed, 4 B | xxHash64 of the compressed part, 8 B | zstd
//
// with numbers in little endian. Decompressed, it is the snapshot's fields in a fixed order: integers as varints, floats as
// eight bytes, times as Unix nanoseconds, strings as their number in the order in which they are first met, and behind that,
// where the number is new, the string. A later version of the format gets a new number; Decode reads all of them.
const (
	magic         = "assaysnp"
	formatVersion = 3 // 1 had no waiting times, 2 no definition of the query
	headerBytes   = len(magic) + 1 + 4 + 8
)

// zeroTime stands for the zero time, which has no Unix nanoseconds.
const zeroTime = math.MinInt64

var compressor = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
})

// Encode writes a snapshot as bytes. Equal snapshots give equal bytes.
func Encode(s *Snapshot) ([]byte, error) {
	z, err := compressor()
	if err != nil {
		return nil, err
	}
	w := writer{known: map[string]uint64{}}
	w.snapshot(s)
	out := make([]byte, headerBytes, headerBytes+len(w.buf)/4)
	out = z.EncodeAll(w.buf, out)
	copy(out, magic)
	at := len(magic)
	out[at] = formatVersion
	binary.LittleEndian.PutUint32(out[at+1:], uint32(len(w.buf)))
	binary.LittleEndian.PutUint64(out[at+5:], xxhash.Sum64(out[headerBytes:]))
	return out, nil
}

// writer encodes fields.
type writer struct {
	buf   []byte
	known map[string]uint64
}

func (w *writer) uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *writer) int(v int64)   { w.buf = binary.AppendVarint(w.buf, v) }
func (w *writer) float(v float64) {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(v))
}

func (w *writer) float32(v float32) {
	w.buf = binary.LittleEndian.AppendUint32(w.buf, math.Float32bits(v))
}

func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.int(zeroTime)
		return
	}
	w.int(t.UnixNano())
}

// str writes a string's number, and the string where it is new.
func (w *writer) str(s string) {
	n, ok := w.known[s]
	if !ok {
		n = uint64(len(w.known))
		w.known[s] = n
	}
	w.uint(n)
	if !ok {
		w.uint(uint64(len(s)))
		w.buf = append(w.buf, s...)
	}
}

// traceIDs writes ids as bytes. One that is not 32 hexadecimal digits in lower case is not an id, and left out.
func (w *writer) traceIDs(ids []string) {
	good := ids[:0:0]
	for _, id := range ids {
		if isTraceID(id) {
			good = append(good, id)
		}
	}
	w.uint(uint64(len(good)))
	for _, id := range good {
		w.buf, _ = hex.AppendDecode(w.buf, []byte(id))
	}
}

func isTraceID(id string) bool {
	if len(id) != 32 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func (w *writer) snapshot(s *Snapshot) {
	w.str(s.ID)
	w.str(s.QueryID)
	w.time(s.Start)
	w.time(s.End)
	w.time(s.Completed)
	w.str(string(s.State))
	w.str(s.Of.Text)
	w.str(s.Of.Scope)
	w.uint(uint64(len(s.Keys)))
	for _, k := range s.Keys {
		w.str(k)
	}
	w.int(int64(s.Slice))
	w.uint(uint64(len(s.Versions)))
	for i := range s.Versions {
		v := &s.Versions[i]
		w.str(v.Service)
		w.str(v.Version)
		w.float(v.Weight)
		w.time(v.First)
		w.time(v.Last)
	}
	c := s.Coverage.fields()
	w.uint(uint64(len(c)))
	for _, n := range c {
		w.uint(*n)
	}
	w.group(&s.Total)
	w.uint(uint64(len(s.Groups)))
	for _, g := range s.Groups {
		w.group(g)
	}
}

// fields are the counts in the order of the format. New ones go to the end: an older reader leaves them out.
func (c *Coverage) fields() []*uint64 {
	return []*uint64{
		&c.Traces, &c.Spans, &c.Orphans, &c.Duplicates, &c.WithoutThreshold, &c.Late, &c.Future, &c.Overflow, &c.Dropped, &c.Invalid,
		&c.Untimed, &c.WithoutEnd,
	}
}

// strings are the parts of an identity in the order of the format.
func (id *Identity) strings() [6]*string {
	return [...]*string{&id.Key, &id.Service, &id.Value, &id.CallerService, &id.Caller, &id.PathID}
}

func (w *writer) group(g *Group) {
	w.str(string(g.Kind))
	for _, s := range g.strings() {
		w.str(*s)
	}
	w.uint(uint64(len(g.Slices)))
	for i := range g.Slices {
		w.slice(&g.Slices[i])
	}
	w.waits(g.Slices)
	w.histogram(&g.Duration)
	w.histogram(&g.Self)
	w.uint(uint64(len(g.Parents)))
	for _, p := range g.Parents {
		w.str(p.Service)
		w.str(p.Operation)
		w.float(p.Weight)
	}
	x := &g.Exemplars
	w.traceIDs(x.Slow)
	w.uint(uint64(len(x.SlowDurations)))
	for _, d := range x.SlowDurations {
		w.int(d)
	}
	w.traceIDs(x.Error)
	w.traceIDs(x.Random)
}

// floats are the weights of a slice, in the order of the format.
func (s *Slice) floats() [10]*float64 {
	return [...]*float64{
		&s.Weight, &s.ErrorWeight, &s.TraceWeight, &s.TraceWeight2, &s.ErrorTrace, &s.ErrorTrace2,
		&s.LogDuration, &s.LogDuration2, &s.Duration, &s.LogSelf,
	}
}

// counts are the raw counts of a slice, in the order of the format.
func (s *Slice) counts() [4]*uint32 {
	return [...]*uint32{&s.Spans, &s.ErrorSpans, &s.Traces, &s.ErrorTraces}
}

func (w *writer) slice(s *Slice) {
	w.uint(uint64(s.Index))
	for _, n := range s.counts() {
		w.uint(uint64(*n))
	}
	for _, f := range s.floats() {
		w.float(*f)
	}
}

// waits are the waiting times of a slice, in the order of the format.
func (s *Slice) waits() [3]*float64 { return [...]*float64{&s.WaitWeight, &s.Wait, &s.LogWait} }

// waits writes the waiting times of all slices behind a 1, or only a 0 where there are none.
func (w *writer) waits(slices []Slice) {
	if !slicesWait(slices) {
		w.uint(0)
		return
	}
	w.uint(1)
	for i := range slices {
		for _, f := range slices[i].waits() {
			w.float(*f)
		}
	}
}

func slicesWait(slices []Slice) bool {
	for i := range slices {
		if slices[i].WaitWeight != 0 {
			return true
		}
	}
	return false
}

func (w *writer) histogram(h *Histogram) {
	w.uint(uint64(len(h.Buckets)))
	for _, b := range h.Buckets {
		w.int(int64(b.Index))
		w.float32(b.Weight)
	}
}
