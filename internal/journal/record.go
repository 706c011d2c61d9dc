package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Record is one record as it is read.
type Record struct {
	Kind    uint8
	Count   int // what the writer said that it holds, such as spans
	Payload []byte
	Segment uint32
}

// A record's head:
//
//	mark 4 B | kind 1 B, count 3 B | length of the payload 4 B | checksum of the payload 4 B | checksum of all before and the salt 4 B
const (
	recordMark = "\xa5JR\x01"
	headBytes  = 20
	maxCount   = 1<<24 - 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Begin appends room for a record's head to b. The payload follows, and then End.
func Begin(b []byte) []byte { return append(b, make([]byte, headBytes)...) }

// End completes the record that begins at start and ends where b does.
func End(b []byte, start int, kind uint8, count int) {
	head, payload := b[start:start+headBytes], b[start+headBytes:]
	copy(head, recordMark)
	binary.LittleEndian.PutUint32(head[4:], uint32(kind)|uint32(min(count, maxCount))<<8)
	binary.LittleEndian.PutUint32(head[8:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(head[12:], crc32.Checksum(payload, castagnoli))
}

// seal makes records of a segment's own: it adds the checksums of their heads.
func (s salt) seal(records []byte) {
	for len(records) > 0 {
		binary.LittleEndian.PutUint32(records[16:], s.checksum(records[:16]))
		records = records[headBytes+int(binary.LittleEndian.Uint32(records[8:])):]
	}
}

func (s salt) checksum(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(s[:], castagnoli), castagnoli, b)
}

// Damage is what could not be read.
type Damage struct {
	Records int // at least; a damaged head may hide that there were several
	Count   int // what the records have said that they hold, where their heads are intact
	Torn    bool
}

// Add adds damage of another segment.
func (d *Damage) Add(o Damage) {
	d.Records, d.Count, d.Torn = d.Records+o.Records, d.Count+o.Count, d.Torn || o.Torn
}

// end follows the last record of a segment. It is written over by the next one.
var end = []byte{0, 0, 0, 0}

// scan visits the intact records of a segment's bytes behind its head. Where one is damaged, it goes on with the next one that is intact.
// What is behind the last one is torn, unless it begins with an end.
func (s salt) scan(b []byte, visit func(Record)) (d Damage) {
	lost := false // something before could not be read
	for len(b) > 0 {
		length, ok := s.head(b)
		if !ok {
			next := s.find(b)
			if next < 0 {
				if n := min(len(b), len(end)); !bytes.Equal(b[:n], end[:n]) {
					d.Add(Damage{Records: 1, Torn: true})
				}
				return d
			}
			lost, b = true, b[next:]
			continue
		}
		if lost {
			d.Records, lost = d.Records+1, false
		}
		kind := binary.LittleEndian.Uint32(b[4:])
		if length > len(b)-headBytes { // cut
			d.Add(Damage{Records: 1, Count: int(kind >> 8), Torn: true})
			return d
		}
		payload := b[headBytes : headBytes+length]
		if crc32.Checksum(payload, castagnoli) == binary.LittleEndian.Uint32(b[12:]) {
			visit(Record{Kind: uint8(kind), Count: int(kind >> 8), Payload: payload})
		} else {
			d.Add(Damage{Records: 1, Count: int(kind >> 8)})
		}
		b = b[headBytes+length:]
	}
	return d
}

// find returns where the next intact head behind the first byte is, -1 where there is none.
func (s salt) find(b []byte) int {
	for at := 1; at < len(b); {
		next := bytes.Index(b[at:], []byte(recordMark))
		if next < 0 {
			return -1
		}
		at += next
		if _, ok := s.head(b[at:]); ok {
			return at
		}
		at++
	}
	return -1
}

// head checks the head of a record and returns the length of its payload.
func (s salt) head(b []byte) (length int, ok bool) {
	if len(b) < headBytes || string(b[:4]) != recordMark || s.checksum(b[:16]) != binary.LittleEndian.Uint32(b[16:]) {
		return 0, false
	}
	return int(binary.LittleEndian.Uint32(b[8:])), true
}
