package snapshot

import (
	"encoding/binary"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEncodedSnapshotsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot.Draw(t, "snapshot")
		data, err := Encode(s)
		require.NoError(t, err)
		again, err := Encode(s)
		require.NoError(t, err)
		require.Equal(t, data, again)
		got, err := Decode(data)
		require.NoError(t, err)
		require.Equal(t, s, got)
	})
}

// A field that someone adds to the model and forgets in the format would be lost without a word.
func TestFormatHasEveryField(t *testing.T) {
	for of, fields := range map[reflect.Type]int{
		reflect.TypeFor[Snapshot](): 13, reflect.TypeFor[Definition](): 2, reflect.TypeFor[Group](): 6, reflect.TypeFor[Exemplars](): 4, reflect.TypeFor[Version](): 5,
		reflect.TypeFor[Calls](): 3, reflect.TypeFor[Bucket](): 2, reflect.TypeFor[Histogram](): 1,
	} {
		require.Equal(t, fields, of.NumField(), of.Name())
	}
	require.Len(t, new(Coverage).fields(), reflect.TypeFor[Coverage]().NumField())
	require.Equal(t, reflect.TypeFor[Slice]().NumField(), 1+len(new(Slice).counts())+len(new(Slice).floats())+len(new(Slice).waits()))
	require.Equal(t, reflect.TypeFor[Identity]().NumField(), 1+len(new(Identity).strings()))
}

func TestBrokenSnapshotsAreRefused(t *testing.T) {
	data, err := Encode(anySnapshot.Example(3))
	require.NoError(t, err)
	for name, change := range map[string]func([]byte) []byte{
		"nothing":        func([]byte) []byte { return nil },
		"another file":   func([]byte) []byte { return []byte("SQLite format 3\x00 and much more than a header") },
		"cut":            func(p []byte) []byte { return p[:len(p)-1] },
		"cut in header":  func(p []byte) []byte { return p[:headerBytes-1] },
		"one bit":        func(p []byte) []byte { p[len(p)/2] ^= 4; return p },
		"something more": func(p []byte) []byte { return append(p, 0) },
		"another size":   func(p []byte) []byte { p[len(magic)+1]++; return p },
		"a huge size":    func(p []byte) []byte { binary.LittleEndian.PutUint32(p[len(magic)+1:], 1<<32-1); return p },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(change(append([]byte(nil), data...)))
			require.ErrorIs(t, err, ErrCorrupt)
		})
	}
	newer := append([]byte(nil), data...)
	newer[len(magic)] = formatVersion + 1
	_, err = Decode(newer)
	require.ErrorContains(t, err, "format 4; this program reads formats up to 3")
	require.NotErrorIs(t, err, ErrCorrupt)
}

// Whatever the bytes are, they are refused or hold what can be encoded again: as a file, and as what a good file decompresses to.
func FuzzDecode(f *testing.F) {
	for seed := range 200 {
		s := anySnapshot.Example(seed)
		w := writer{known: map[string]uint64{}}
		w.snapshot(s)
		data, err := Encode(s)
		require.NoError(f, err)
		if len(w.buf) < 1500 { // from large seeds the fuzzer makes a few inputs a second
			f.Add(w.buf)
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Decode(data); err == nil {
			again, err := Encode(s)
			require.NoError(t, err)
			back, err := Decode(again)
			require.NoError(t, err)
			require.Equal(t, s, back)
		}
		s, err := decodeFields(data, formatVersion)
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			return
		}
		w := writer{known: map[string]uint64{}}
		w.snapshot(s)
		back, err := decodeFields(w.buf, formatVersion)
		require.NoError(t, err)
		require.Equal(t, s, back)
	})
}
