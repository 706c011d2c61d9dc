package snapshot

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// ErrCorrupt is returned by Decode for bytes that are no snapshot, or not all of one.
var ErrCorrupt = errors.New("snapshot is corrupt")

// maxDecoded bounds what a snapshot may take decompressed: 16 times what 20,000 groups do.
const maxDecoded = 1 << 30

var decompressor = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoded), zstd.WithDecoderLowmem(true))
})

// Decode reads what Encode has written. Whatever the bytes are, it takes memory in proportion to what they decompress to, which
// their header states. Errors are or wrap ErrCorrupt, unless the format is newer than this program.
func Decode(data []byte) (*Snapshot, error) {
	if len(data) < headerBytes || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrCorrupt)
	}
	header := data[len(magic):]
	version := header[0]
	if version < 1 || version > formatVersion {
		return nil, fmt.Errorf("snapshot has format %d; this program reads formats up to %d: use the release that wrote it, or a newer one", version, formatVersion)
	}
	size := binary.LittleEndian.Uint32(header[1:])
	body := data[headerBytes:]
	if xxhash.Sum64(body) != binary.LittleEndian.Uint64(header[5:]) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCorrupt)
	}
	if size > maxDecoded {
		return nil, fmt.Errorf("%w: it states a size of %d bytes", ErrCorrupt, size)
	}
	z, err := decompressor()
	if err != nil {
		return nil, err
	}
	plain, err := z.DecodeAll(body, make([]byte, 0, min(int(size), 64*len(body)+1024)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if len(plain) != int(size) {
		return nil, fmt.Errorf("%w: it has %d bytes and states %d", ErrCorrupt, len(plain), size)
	}
	return decodeFields(plain, version)
}

// decodeFields reads what is decompressed.
func decodeFields(plain []byte, version byte) (*Snapshot, error) {
	r := reader{buf: plain, version: version}
	s := r.snapshot()
	if r.err == nil && len(r.buf) > 0 {
		r.fail("something behind its end")
	}
	if r.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, r.err)
	}
	return s, nil
}

// reader decodes fields. After an error, it reads zeros.
type reader struct {
	buf     []byte
	version byte // of the format
	known   []string
	err     error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = errors.New(what)
	}
	r.buf = nil
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail("a number is cut off")
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail("a number is cut off")
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

// within reads a number that may not be larger than most.
func (r *reader) within(most uint64, what string) uint64 {
	v := r.uint()
	if v > most {
		r.fail(what + " is out of range")
		return 0
	}
	return v
}

// count reads how many elements follow, each of which takes at least a number of bytes.
func (r *reader) count(bytes int, what string) int {
	return int(r.within(uint64(len(r.buf)/bytes), "number of "+what))
}

func (r *reader) take(n int) []byte {
	if n > len(r.buf) {
		r.fail("it is cut off")
		return make([]byte, n)
	}
	p := r.buf[:n]
	r.buf = r.buf[n:]
	return p
}

// float reads a weight or sum. One that is not finite would poison what it is added to.
func (r *reader) float() float64 {
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail("a number is not finite")
		return 0
	}
	return v
}

func (r *reader) time() time.Time {
	v := r.int()
	if v == zeroTime || r.err != nil {
		return time.Time{}
	}
	return time.Unix(0, v).UTC()
}

func (r *reader) str() string {
	n := r.within(uint64(len(r.known)), "number of a string")
	if r.err != nil {
		return ""
	}
	if n == uint64(len(r.known)) {
		r.known = append(r.known, string(r.take(r.count(1, "bytes of a string"))))
	}
	return r.known[n]
}

func (r *reader) traceIDs() (ids []string) {
	for range r.count(16, "trace ids") {
		ids = append(ids, hex.EncodeToString(r.take(16)))
	}
	return ids
}

func (r *reader) snapshot() *Snapshot {
	s := &Snapshot{ID: r.str(), QueryID: r.str(), Start: r.time(), End: r.time(), Completed: r.time(), State: State(r.str())}
	if r.version >= 3 {
		s.Of = Definition{Text: r.str(), Scope: r.str()}
	}
	for range r.count(1, "keys") {
		s.Keys = append(s.Keys, r.str())
	}
	s.Slice = time.Duration(r.int())
	for range r.count(12, "versions") {
		s.Versions = append(s.Versions, Version{Service: r.str(), Version: r.str(), Weight: r.float(), First: r.time(), Last: r.time()})
	}
	fields := s.Coverage.fields()
	for i := range r.count(1, "coverage") {
		if v := r.uint(); i < len(fields) {
			*fields[i] = v
		}
	}
	r.group(&s.Total)
	n := r.count(leastGroup, "groups")
	if n > 0 {
		s.Groups = make([]*Group, 0, n)
	}
	for range n {
		g := new(Group)
		r.group(g)
		s.Groups = append(s.Groups, g)
	}
	return s
}

// What the elements of lists take at least, in bytes.
const (
	leastGroup  = 15
	leastSlice  = 5 + 10*8
	leastBucket = 5
	leastCalls  = 10
)

func (r *reader) group(g *Group) {
	g.Kind = Kind(r.str())
	for _, s := range g.strings() {
		*s = r.str()
	}
	if n := r.count(leastSlice, "slices"); n > 0 {
		g.Slices = make([]Slice, n)
	}
	for i := range g.Slices {
		r.slice(&g.Slices[i])
		if i > 0 && g.Slices[i].Index <= g.Slices[i-1].Index {
			r.fail("slices are out of order")
			return
		}
	}
	if r.version >= 2 && r.within(1, "mark of waiting times") == 1 {
		for i := range g.Slices {
			for _, f := range g.Slices[i].waits() {
				*f = r.float()
			}
		}
		if !slicesWait(g.Slices) {
			r.fail("waiting times are announced and missing")
			return
		}
	}
	r.histogram(&g.Duration)
	r.histogram(&g.Self)
	for range r.count(leastCalls, "callers") {
		g.Parents = append(g.Parents, Calls{Service: r.str(), Operation: r.str(), Weight: r.float()})
	}
	x := &g.Exemplars
	x.Slow = r.traceIDs()
	for range r.count(1, "durations") {
		x.SlowDurations = append(x.SlowDurations, r.int())
	}
	x.Error = r.traceIDs()
	x.Random = r.traceIDs()
}

func (r *reader) slice(s *Slice) {
	s.Index = uint32(r.within(math.MaxUint32, "index of a slice"))
	for _, n := range s.counts() {
		*n = uint32(r.within(math.MaxUint32, "count"))
	}
	for _, f := range s.floats() {
		*f = r.float()
	}
}

func (r *reader) histogram(h *Histogram) {
	if n := r.count(leastBucket, "buckets"); n > 0 {
		h.Buckets = make([]Bucket, n)
	}
	for i := range h.Buckets {
		index := r.int()
		weight := math.Float32frombits(binary.LittleEndian.Uint32(r.take(4)))
		if index < math.MinInt16 || index > math.MaxInt16 || !(weight > 0) || math.IsInf(float64(weight), 0) ||
			i > 0 && index <= int64(h.Buckets[i-1].Index) {
			r.fail("a bucket is out of range or out of order")
			return
		}
		h.Buckets[i] = Bucket{Index: int16(index), Weight: weight}
	}
}
