package journal

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// written is a segment of some records as they lie on the disk, and where each ends.
func written(s salt, lengths ...int) (file []byte, ends []int) {
	file = append(file, headOf(version)...)
	for n, length := range lengths {
		r := record(uint32(n), length)
		s.seal(r)
		file = append(file, r...)
		ends = append(ends, len(file))
	}
	return append(file, end...), ends
}

func scanned(s salt, file []byte) (found []uint32, d Damage) {
	d = s.scan(file[segmentHead:], func(r Record) { found = append(found, binary.LittleEndian.Uint32(r.Payload)) })
	return found, d
}

var someLengths = []int{0, 1, 50, 3, 200, 7}

// Cut anywhere, what is whole is found, and what is not is known to be missing.
func TestCutAtEveryByte(t *testing.T) {
	s := newSalt()
	file, ends := written(s, someLengths...)
	for cut := segmentHead; cut <= len(file); cut++ {
		found, d := scanned(s, file[:cut])
		whole, clean := 0, cut == segmentHead
		for _, e := range ends {
			if e <= cut {
				whole++
			}
			clean = clean || e == cut
		}
		require.Len(t, found, whole, "cut at %d", cut)
		if clean || cut > ends[len(ends)-1] {
			require.Zero(t, d)
		} else {
			require.Equal(t, 1, d.Records, "cut at %d", cut)
			require.True(t, d.Torn)
		}
	}
}

// Any bit that flips costs the record that it is in, and no other; it is counted.
func TestEveryFlippedBit(t *testing.T) {
	s := newSalt()
	file, ends := written(s, someLengths...)
	for at := segmentHead; at < ends[len(ends)-1]; at++ {
		for bit := range 8 {
			file[at] ^= 1 << bit
			found, d := scanned(s, file)
			file[at] ^= 1 << bit
			var want []uint32
			for n, e := range ends {
				start := segmentHead
				if n > 0 {
					start = ends[n-1]
				}
				if at < start || at >= e {
					want = append(want, uint32(n))
				}
			}
			require.Equal(t, want, found, "bit %d of byte %d", bit, at)
			require.Equal(t, 1, d.Records)
		}
	}
}

// A segment whose head is damaged is read all the same.
func TestDamagedSegmentHead(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	j.Pin()
	require.NoError(t, j.Append(record(1, 10)))
	seg := j.segments[0]
	_, err := j.file.WriteAt([]byte{0xff}, 9)
	require.NoError(t, err)
	j.kill()
	j = opened(t, dir)
	found, d := numbers(t, j)
	require.Equal(t, []uint32{1}, found)
	require.Equal(t, 1, d.Records)
	require.Equal(t, seg.number, j.segments[0].number)
}

// Whatever is in a file, nothing is found but records that were written to it, whole and in order.
func FuzzDamage(f *testing.F) {
	f.Add([]byte{}, uint16(0), uint8(0))
	f.Add([]byte(recordMark+"\x00\x00\x00\x00\x10\x00\x00\x00"), uint16(40), uint8(3))
	s := salt{1, 2, 3}
	other, _ := written(salt{9}, someLengths...)
	f.Add(other[segmentHead:], uint16(0), uint8(200))
	f.Fuzz(func(t *testing.T, garbage []byte, at uint16, cut uint8) {
		file, _ := written(s, someLengths...)
		place := segmentHead + int(at)%(len(file)-segmentHead)
		rest := file[place+int(cut)%(len(file)-place):]
		file = append(append(append([]byte(nil), file[:place]...), garbage...), rest...)
		last := -1
		s.scan(file[segmentHead:], func(r Record) {
			n := int(binary.LittleEndian.Uint32(r.Payload))
			require.Greater(t, n, last)
			require.Len(t, r.Payload, 4+someLengths[n])
			last = n
		})
	})
}
