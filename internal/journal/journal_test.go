package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func opened(t testing.TB, dir string, change ...func(*Options)) *Journal {
	t.Helper()
	o := Options{Directory: dir, MaxBytes: 64 << 20}
	for _, c := range change {
		c(&o)
	}
	j, err := Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// record is a record with a number and a payload of a length.
func record(n uint32, length int) []byte {
	b := binary.LittleEndian.AppendUint32(Begin(nil), n)
	b = append(b, bytes.Repeat([]byte{byte(n)}, length)...)
	End(b, 0, 7, 3)
	return b
}

// numbers are the records that a journal holds, in order, and what is damaged.
func numbers(t require.TestingT, j *Journal) (found []uint32, all Damage) {
	for _, s := range j.Segments() {
		d, err := j.Read(s, func(r Record) {
			n := binary.LittleEndian.Uint32(r.Payload)
			for _, c := range r.Payload[4:] {
				require.Equal(t, byte(n), c)
			}
			require.EqualValues(t, 7, r.Kind)
			require.Equal(t, 3, r.Count)
			require.Equal(t, s, r.Segment)
			found = append(found, n)
		})
		require.NoError(t, err)
		all.Add(d)
	}
	return found, all
}

// kill leaves the directory as the end of the process does.
func (j *Journal) kill() {
	if j.file != nil {
		_ = j.file.Close()
	}
	_ = j.locked.Close()
}

func TestWhatIsAppendedIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "journal")
	j := opened(t, dir, func(o *Options) { o.MaxBytes = MinBytes })
	j.Pin()
	var want []uint32
	for n := range uint32(300) {
		require.NoError(t, j.Append(append(record(2*n, int(5*n)), record(2*n+1, 5)...)))
		want = append(want, 2*n, 2*n+1)
	}
	_, segments := j.Oldest()
	require.Greater(t, segments, 1)
	j.kill()
	for range 2 { // reading changes nothing
		j = opened(t, dir)
		found, damage := numbers(t, j)
		require.Equal(t, want, found)
		require.Zero(t, damage)
		j.kill()
	}
}

// Records of several writers are all there, however they meet.
func TestConcurrentWriters(t *testing.T) {
	for _, sync := range []bool{false, true} {
		dir := t.TempDir()
		j := opened(t, dir, func(o *Options) { o.Sync = sync })
		j.Pin()
		concurrently(8, func(w int) {
			for n := range 50 {
				assert.NoError(t, j.Append(record(uint32(100*w+n), 300*n)))
			}
		})
		j.kill()
		found, damage := numbers(t, opened(t, dir))
		require.Len(t, found, 400)
		require.Zero(t, damage)
	}
}

func concurrently(n int, f func(int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { f(i) })
	}
	group.Wait()
}

// Segments that nobody needs go, and their files are written over; what is in them from before is never taken for records.
func TestSegmentsGoAndAreWrittenOver(t *testing.T) {
	dir := t.TempDir()
	limit := int64(MinBytes)
	j := opened(t, dir, func(o *Options) { o.MaxBytes = limit })
	j.Recovered()
	var want []uint32
	reused := false
	pin := j.Pin()
	for n := range uint32(5000) {
		if n%10 == 0 {
			next := j.Pin()
			j.Unpin(pin)
			pin = next
			j.Reclaim()
			reused = reused || len(j.spares) > 0
		}
		if n == 4500 {
			j.Reclaim()
			want, _ = numbers(t, j)
		}
		if n >= 4500 {
			want = append(want, n)
		}
		require.NoError(t, j.Append(record(n, 2000)))
		require.LessOrEqual(t, j.Bytes(), limit)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Less(t, len(files), 8)
	require.Equal(t, j.Bytes(), sizes(t, dir))
	require.True(t, reused)
	j.kill()
	j = opened(t, dir)
	found, damage := numbers(t, j)
	require.Zero(t, damage)
	require.Equal(t, want[len(want)-len(found):], found)
	require.Equal(t, j.Bytes(), sizes(t, dir), "what was to be written over is gone")
}

// sizes is what the files of a journal take.
func sizes(t testing.TB, dir string) (n int64) {
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		if f.Name() != lockName {
			n += info.Size()
		}
	}
	return n
}

// A pin holds its segment and all later ones; a journal that is full refuses, stays as it is, and goes on when there is room.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir, func(o *Options) { o.MaxBytes = MinBytes })
	j.Recovered()
	pin := j.Pin()
	n := uint32(0)
	for ; ; n++ {
		if err := j.Append(record(n, 5000)); err != nil {
			require.ErrorIs(t, err, ErrFull)
			break
		}
		require.LessOrEqual(t, j.Bytes(), int64(MinBytes))
	}
	require.True(t, j.Crowded())
	require.NoError(t, j.Down())
	require.NoError(t, j.AppendReserved(record(n, 5000)), "what makes room still fits")
	found, _ := numbers(t, j)
	require.Len(t, found, int(n)+1)
	require.Greater(t, int(n)*5000, MinBytes*3/4)
	j.Pin()
	j.Unpin(pin)
	j.Reclaim()
	require.NoError(t, j.Append(record(n, 5000)))
	require.False(t, j.Crowded())
}

// What was there when the journal was opened stays until it is said that it was taken in.
func TestWhatWasThereStaysUntilRecovered(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	require.NoError(t, j.Append(record(1, 10)))
	j.Pin()
	active := j.Active()
	j.kill()
	j = opened(t, dir)
	require.Greater(t, j.Active(), active)
	j.Reclaim()
	found, _ := numbers(t, j)
	require.Len(t, found, 1)
	require.NoError(t, j.Close())

	j = opened(t, dir)
	j.PinAt(active)
	j.Recovered()
	found, _ = numbers(t, j)
	require.Len(t, found, 1)
	j.Unpin(active)
	require.NoError(t, j.Close())
	require.Zero(t, sizes(t, dir))
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	_, err := Open(Options{Directory: dir, MaxBytes: MinBytes})
	require.ErrorContains(t, err, fmt.Sprintf("%s is in use by another sampler (process %d)", dir, os.Getpid()))
	require.ErrorContains(t, err, "set another directory")
	require.NoError(t, j.Close())
	require.NoError(t, opened(t, dir).Close())
}

func TestNewerVersion(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	require.NoError(t, j.Append(record(1, 10)))
	path := j.segments[0].path
	j.kill()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt(headOf(version+1), 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = Open(Options{Directory: dir, MaxBytes: MinBytes})
	require.ErrorContains(t, err, dir+" holds version 2 of the journal, which a newer collector has written; this one reads up to version 1. "+
		"Start the newer one, or set the journal's directory to another one")
	_, err = Open(Options{Directory: dir, MaxBytes: MinBytes})
	require.ErrorContains(t, err, "version 2", "the lock was given back")
}

// A directory that cannot be made or written to is an error that says what to do.
func TestUnusableDirectories(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(Options{Directory: filepath.Join(file, "journal"), MaxBytes: MinBytes})
	require.ErrorContains(t, err, "cannot be made")
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, lockName), 0o700)) // stands for a directory without the right to write
	_, err = Open(Options{Directory: dir, MaxBytes: MinBytes})
	require.ErrorContains(t, err, "cannot be written to")
	require.ErrorContains(t, err, "write access")
}

// Files that are none of ours are left alone.
func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"notes.txt", "x.segment", "12-34.segment", "99999999999-0011223344556677.segment", "-.segment"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600))
	}
	j := opened(t, dir)
	require.NoError(t, j.Append(record(1, 1)))
	require.NoError(t, j.Close())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 5)
}

// A directory that is removed takes the journal down, though writing to its open files would go on; it comes back by itself.
func TestDirectoryGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j := opened(t, dir)
	require.NoError(t, j.Append(record(1, 1)))
	require.NoError(t, j.Check())
	require.NoError(t, os.RemoveAll(dir))
	require.Error(t, j.Check())
	require.Error(t, j.Down())
	require.ErrorIs(t, j.Append(record(2, 1)), ErrDown)
	require.NoError(t, os.WriteFile(dir, nil, 0o600)) // in the way
	_, err := j.Resume()
	require.Error(t, err)
	require.NoError(t, os.Remove(dir))
	renewed, err := j.Resume()
	require.NoError(t, err)
	require.True(t, renewed)
	require.NoError(t, j.Append(record(3, 1)))
	j.kill()
	found, _ := numbers(t, opened(t, dir))
	require.Equal(t, []uint32{3}, found)
}

// A write that fails takes the journal down with what it has; it goes on with a new segment.
func TestFailingFile(t *testing.T) {
	dir := t.TempDir()
	j := opened(t, dir)
	j.Pin()
	require.NoError(t, j.Append(record(1, 1)))
	require.NoError(t, j.file.Close())
	require.Error(t, j.Append(record(2, 1)))
	require.ErrorIs(t, j.Append(record(2, 1)), ErrDown)
	renewed, err := j.Resume()
	require.NoError(t, err)
	require.False(t, renewed)
	require.NoError(t, j.Append(record(3, 1)))
	j.kill()
	found, damage := numbers(t, opened(t, dir))
	require.Equal(t, []uint32{1, 3}, found)
	require.Zero(t, damage)
}
