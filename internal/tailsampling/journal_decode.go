package tailsampling

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/journal"
	"github.com/assayhq/assay/internal/tracebuffer"
)

// found is spans of a record that are not over.
type found struct {
	spans   ptrace.Traces
	segment uint32
	arrived int64         // when they came, Unix ns
	first   time.Duration // the same by the engine's clock, set when they are admitted
	pieces  map[pcommon.TraceID]foundPiece
	opened  int // traces, by these spans
	damaged journal.Damage
}

type foundPiece struct {
	number  uint64
	bytes   int
	entered bool
}

// decodedAhead is how many decoded records may wait.
const decodedAhead = 16

// decode decodes the spans of all records that are not over, while others are taken in.
func (r *recovery) decode() {
	defer close(r.decoded)
	defer r.reader.Close()
	stopped := false
	emit := func(f found) {
		select {
		case r.decoded <- f:
		case <-r.stop:
			stopped = true
		}
	}
	for _, n := range r.segments {
		_, _ = r.journal.Read(n, func(record journal.Record) { // what cannot be read was counted
			if !stopped && (record.Kind == recordSpans || record.Kind == recordCopy) {
				r.decodeRecord(record, emit)
			}
		})
		if stopped {
			return
		}
	}
}

func (r *recovery) decodeRecord(record journal.Record, emit func(found)) {
	ok, copied := len(record.Payload) >= 8, record.Kind == recordCopy
	excerpt := record.Payload[min(8, len(record.Payload)):]
	if copied {
		var c copyRecord
		c, ok = parseCopy(record.Payload)
		excerpt = c.excerpt
	}
	if !ok || !r.reader.Open(excerpt) {
		emit(found{damaged: journal.Damage{Records: 1, Count: record.Count}})
		return
	}
	fresh := func() (f found, to *tracebuffer.Assembly) {
		f = found{
			segment: record.Segment, pieces: map[pcommon.TraceID]foundPiece{}, spans: ptrace.NewTraces(),
			arrived: int64(binary.LittleEndian.Uint64(record.Payload)),
		}
		return f, tracebuffer.NewAssembly(f.spans.ResourceSpans())
	}
	f, to := fresh()
	for p := (tracebuffer.Piece{}); r.reader.Next(&p); {
		_, over := r.over[p.Owner]
		_, complete := r.complete[p.Owner]
		if over || copied && !complete {
			r.reader.Skip()
			continue
		}
		have, twice := f.pieces[p.TraceID]
		if twice && have.number != p.Owner { // it came anew, after it had been decided
			emit(f)
			f, to = fresh()
			have = foundPiece{}
		}
		if !r.reader.Decode(to) {
			f.damaged.Add(journal.Damage{Records: 1, Count: int(p.Spans)})
		}
		f.pieces[p.TraceID] = foundPiece{number: p.Owner, bytes: have.bytes + p.Bytes()}
	}
	if len(f.pieces) > 0 {
		emit(f)
	}
}

// copyRecord is the payload of a copy, but for the time.
type copyRecord struct {
	number   uint64
	last     bool
	replaced []byte
	excerpt  []byte
}

// appendCopy begins the payload of a copy, to which the excerpt is appended.
func appendCopy(b []byte, began int64, number uint64) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(began))
	return binary.LittleEndian.AppendUint64(b, number)
}

func parseCopy(b []byte) (c copyRecord, ok bool) {
	const fixed = 8 + 8 + 1 + 4
	if len(b) < fixed {
		return c, false
	}
	c.number, c.last = binary.LittleEndian.Uint64(b[8:]), b[16] != 0
	size := 8 * uint64(binary.LittleEndian.Uint32(b[17:]))
	if size > uint64(len(b)-fixed) {
		return c, false
	}
	c.replaced, c.excerpt = b[fixed:fixed+size], b[fixed+size:]
	return c, true
}
