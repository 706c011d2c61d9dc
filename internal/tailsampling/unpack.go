package tailsampling

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracebuffer"
)

// batchSpans is how many spans go to the next consumer at a time. A longer trace is sent whole all the same.
const batchSpans = 4096

// decodePiece is how many spans are decoded under one hold of the shard's lock, so that a long trace does not stop intake.
const decodePiece = 512

// unpack decodes parcels into one batch. They stay encoded until they are freed: whoever takes the batch may keep or change
// it, even when it then answers with an error, so every attempt needs a batch of its own.
func (s *sender) unpack(parcels []parcel) ptrace.Traces {
	td := ptrace.NewTraces()
	batch := tracebuffer.NewAssembly(td.ResourceSpans())
	for i := range parcels {
		s.unpackOne(&parcels[i], batch)
	}
	return td
}

func (s *sender) unpackOne(p *parcel, batch *tracebuffer.Assembly) {
	from := s.shards[p.shard]
	m := s.newMarker(from, p)
	var c tracebuffer.Cursor
	for done := false; !done; {
		from.Lock()
		t := from.Traces.At(p.index)
		done = from.Buffer.DecodeTo(batch, &c, &t.Spans, t.ID, decodePiece, m.visit)
		from.Unlock()
	}
	m.markRoot()
}

// freeAll gives back what parcels hold. It stays in the journal, if there is one, unless it is over.
func (s *sender) freeAll(parcels []parcel, over bool) {
	for i := range parcels {
		from := s.shards[parcels[i].shard]
		from.Lock()
		if over {
			s.ledger.over(from.Traces.At(parcels[i].index))
		}
		from.Free(parcels[i].index)
		s.account(from)
		from.Unlock()
	}
}

// PathID is how a path is written: 16 hexadecimal digits.
func PathID[T ~uint64](p T) string { return fmt.Sprintf("%016x", uint64(p)) }
