package verify

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// slot is what is known of the traces of a slot of one source.
//
//	records  |0|1|2|..................|n-1|   one for each trace, by sequence
//	             ▲ lost    ▲ due              the cursors: before due all are past LateAfter, before lost past LostAfter
type slot struct {
	number  uint32
	begins  time.Duration // on the awake clock
	records []record
	asks    []ask             // of a verifier of lookups
	timed   *timing           // the one of these that is looked for early; nil: none
	long    [][]uint64        // bitmaps of traces with more than 64 spans
	words   int               // of long
	notes   map[uint32]string // the first change of a trace's spans, of so many traces at most

	report   traffic.SlotReport // the latest, if told
	toldIn   uint32             // slot of the manifest with the report
	run      uint64             // that told it; 0: none
	knows    knowledge
	repeated bool // spans came more than once since a manifest was heard
	shared   bool // two runs have sent it
	manifest presence
	stalled  bool // when its manifest was due, the pipeline did not take anything

	due, lost uint32
	open      uint32 // records without a verdict
	again     bool   // something has been told since the traces before due were looked at
	full      bool   // there was no room for the records: all of it is unknown
}

type knowledge uint8

const (
	nothing  knowledge = iota
	reported           // report holds
	slept              // the generator slept through the slot
)

// record is what has arrived of a trace: recordSize bytes.
type record struct {
	arrived  uint64 // a bit for each span; of more than 64 spans the index into slot.long
	weight   float32
	spans    uint32 // by the plan; 0 until the first has arrived
	absent   uint32 // of these, not yet here
	fields   Fields // that were not as sent
	delay    int32  // milliseconds from the time the trace was due to the arrival of its last span
	verdict  Verdict
	repeated bool // a span arrived more than once
	overdue  bool // counted as overdue
}

// begin makes room for the spans of a trace.
func (s *slot) begin(r *record, spans int) {
	r.spans, r.absent, r.weight = uint32(spans), uint32(spans), 1
	if spans > 64 {
		r.arrived = uint64(len(s.long))
		words := (spans + 63) / 64
		s.long = append(s.long, make([]uint64, words))
		s.words += words
	}
}

// some says whether any span is here, whole whether all are.
func (r *record) some() bool  { return r.absent < r.spans }
func (r *record) whole() bool { return r.spans > 0 && r.absent == 0 }

// word returns where the bit of span i is.
func (s *slot) word(r *record, i uint32) (*uint64, uint64) {
	if r.spans <= 64 {
		return &r.arrived, 1 << i
	}
	return &s.long[r.arrived][i/64], 1 << (i % 64)
}

// set notes that span i is here, and says whether it was already.
func (s *slot) set(r *record, i uint32) (again bool) {
	w, bit := s.word(r, i)
	if *w&bit != 0 {
		return true
	}
	*w |= bit
	r.absent--
	return false
}

func (s *slot) has(r *record, i uint32) bool {
	if r.spans == 0 {
		return false
	}
	w, bit := s.word(r, i)
	return *w&bit != 0
}

// note remembers what was changed in a trace.
func (s *slot) note(sequence uint32, detail string) {
	const most = 16
	if _, ok := s.notes[sequence]; ok || len(s.notes) == most {
		return
	}
	if s.notes == nil {
		s.notes = map[uint32]string{}
	}
	s.notes[sequence] = detail
}

// size is the memory of a slot, in records.
func (s *slot) size() int { return len(s.records) + s.words/(recordSize/8) + 1 }

// recordSize is the size of a record in bytes.
const recordSize = 40

// fate is what the generator has told of a trace.
type fate uint8

const (
	untold    fate = iota // nothing, or not yet
	accepted              // once, whole
	retried               // accepted, but parts were sent again
	held                  // accepted, but the generator was stopped while it sent them: parts may have left late, or again
	refused               // not all of it was accepted
	unsent                // skipped, or slept through
	ambiguous             // there were too many exceptions to list, or two generators have sent it
)

// fate returns what the generator has told of a trace.
func (s *slot) fate(sequence uint32) fate {
	switch {
	case s.shared:
		return ambiguous
	case s.knows == slept:
		return unsent
	case s.knows == nothing:
		return untold
	case s.report.Truncated && s.report.Accepted == uint32(len(s.records)):
		return retried // all of them were accepted, some perhaps at a second try
	}
	state, known := s.report.State(sequence)
	switch {
	case !known:
		return ambiguous
	case state == traffic.Refused:
		return refused
	case state == traffic.Skipped:
		return unsent
	case state == traffic.InFlight:
		return untold
	case state == traffic.Retried:
		return retried
	case state == traffic.Held:
		return held
	}
	return accepted
}

// accepted says whether the generator has told that the pipeline took a trace.
func (s *slot) accepted(sequence uint32) bool {
	f := s.fate(sequence)
	return f == accepted || f == retried || f == held
}
