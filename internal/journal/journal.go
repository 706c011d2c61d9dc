package journal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// Options of a Journal.
type Options struct {
	Directory string
	MaxBytes  int64 // of all files together
	Sync      bool  // Append returns when the disk has what was written
}

// ErrFull is for a journal whose segments are all needed and take as much as they may.
var ErrFull = errors.New("what is still needed takes all of the room that the journal may take")

// ErrDown is for a journal that cannot be written to, until Resume.
var ErrDown = errors.New("the journal is down")

// Journal is an open journal. Its methods may be called concurrently, but for Resume and Close.
type Journal struct {
	o       Options
	segment int64 // size from which a segment is full
	locked  *os.File

	mu       sync.Mutex // guards everything below, and the end of the active segment
	segments []*segment // oldest first; the last one is active if file is there
	spares   []*segment // files to be written over
	file     *os.File   // of the active segment; nil before the first append, and while it is down
	size     int64      // of the active segment, as far as it is written
	number   uint32     // of the active segment, or of the last one
	down     error      // why nothing can be appended

	pins   pins
	bytes  atomic.Int64 // of all files
	synced synced
}

// Bounds of segments. A journal has at least minSegments, so that one can go while others are needed.
const (
	minSegments   = 32
	largest       = 16 << 20
	smallest      = 64 << 10
	maxSpares     = 2
	reserve       = 3 // segments
	directoryMode = 0o700
	// MinBytes is the least that a journal may be bounded by.
	MinBytes = minSegments * smallest
)

// Open opens the journal of a directory, which is made if it is not there. What it holds can be read, and stays as long as Keep was
// not called.
func Open(o Options) (*Journal, error) {
	j := &Journal{o: o, segment: min(largest, max(smallest, o.MaxBytes/minSegments))}
	if err := os.MkdirAll(o.Directory, directoryMode); err != nil {
		return nil, fmt.Errorf("%s cannot be made: %w. Make it, give the user of the collector write access to it, or set another directory", o.Directory, err)
	}
	if err := j.lock(); err != nil {
		return nil, err
	}
	if err := j.list(); err != nil {
		_ = j.locked.Close()
		return nil, err
	}
	for _, s := range j.segments {
		j.bytes.Add(s.bytes)
		j.number = s.number
	}
	j.number++
	j.pins.init(j.number)
	return j, nil
}

// Segments are the numbers of the segments that are there.
func (j *Journal) Segments() (numbers []uint32) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.segments {
		numbers = append(numbers, s.number)
	}
	return numbers
}

// Active is the number of the segment that is appended to. No other journal of this directory has used it, or a higher one.
func (j *Journal) Active() uint32 { return j.pins.now() }

// Read visits the intact records of a segment. Their payloads are the caller's to keep.
func (j *Journal) Read(number uint32, visit func(Record)) (Damage, error) {
	j.mu.Lock()
	var found *segment
	for _, s := range j.segments {
		if s.number == number {
			found = s
		}
	}
	j.mu.Unlock()
	if found == nil {
		return Damage{}, fmt.Errorf("there is no segment %d", number)
	}
	return found.read(visit)
}

// Append writes records that Begin and End have made, all of them or none. It may change the bytes, and append to them. When it returns
// nil they survive the process, and with Options.Sync the machine. ErrFull leaves the journal as it is; after any other error it is down.
func (j *Journal) Append(records []byte) error { return j.append(records, reserve*j.segment) }

// AppendReserved is Append for what makes room in the end: it may use the part of MaxBytes that is kept for that.
func (j *Journal) AppendReserved(records []byte) error { return j.append(records, 0) }

// Note is AppendReserved for what may be lost with the machine, whatever Options.Sync says.
func (j *Journal) Note(records []byte) error {
	_, err := j.write(records, 0)
	return err
}

func (j *Journal) append(records []byte, spared int64) error {
	at, err := j.write(records, spared)
	if err != nil || !j.o.Sync {
		return err
	}
	return j.sync(at)
}

func (j *Journal) write(records []byte, spared int64) (at int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.down != nil {
		return 0, ErrDown
	}
	if j.file == nil || j.size > segmentHead && j.size+int64(len(records)) > j.segment {
		if err := j.turn(int64(len(records)), spared); errors.Is(err, ErrFull) {
			return 0, err
		} else if err != nil {
			return 0, j.fail(err)
		}
	}
	s := j.segments[len(j.segments)-1]
	s.salt.seal(records)
	if _, err := j.file.WriteAt(append(records, end...), j.size); err != nil {
		return 0, j.fail(err)
	}
	j.size += int64(len(records))
	if n := j.size + int64(len(end)); n > s.bytes {
		j.bytes.Add(n - s.bytes)
		s.bytes = n
	}
	j.synced.written += int64(len(records))
	return j.synced.written, nil
}

// turn makes the next segment the active one, for so many bytes at least, where that leaves so many to spare.
func (j *Journal) turn(bytes, spared int64) error {
	j.reclaim()
	var spare *segment
	grows := max(j.segment, bytes+segmentHead) + int64(len(end))
	if n := len(j.spares); n > 0 {
		spare = j.spares[n-1]
		grows = max(0, grows-spare.bytes)
	}
	if j.bytes.Load()+grows > j.o.MaxBytes-spared {
		return ErrFull
	}
	if err := j.finish(); err != nil {
		return err
	}
	if spare != nil {
		j.spares = j.spares[:len(j.spares)-1]
		j.bytes.Add(-spare.bytes)
	}
	if j.file != nil {
		j.number++
	}
	next := j.newSegment(j.number)
	f, err := next.open(spare)
	if err != nil {
		return err
	}
	if j.o.Sync {
		if err := syncDirectory(j.o.Directory); err != nil {
			_ = f.Close()
			return err
		}
	}
	j.segments = append(j.segments, next)
	j.bytes.Add(next.bytes)
	j.file, j.size = f, segmentHead
	j.pins.turn(j.number)
	return nil
}

// finish leaves the active segment as it is.
func (j *Journal) finish() error {
	if j.file == nil {
		return nil
	}
	if j.o.Sync {
		if err := j.file.Sync(); err != nil {
			return err
		}
	}
	return j.file.Close()
}

// fail takes the journal down.
func (j *Journal) fail(err error) error {
	if j.down == nil {
		j.down = err
		if j.file != nil {
			_ = j.file.Close()
			j.file = nil
			j.number++ // never written to again
			j.pins.turn(j.number)
		}
	}
	return err
}

// Down is why nothing can be appended, nil where it can.
func (j *Journal) Down() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.down
}

// Directory is where it is.
func (j *Journal) Directory() string { return j.o.Directory }

// Bytes is how much all files take.
func (j *Journal) Bytes() int64 { return j.bytes.Load() }

// Check takes the journal down where its directory is gone or another one, which writing to open files does not show.
func (j *Journal) Check() error {
	if err := j.intact(); err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.fail(err)
	}
	return nil
}

// Resume tries to write again, to a new segment. renewed tells that the directory is a new one, so that nothing of what was written is there.
func (j *Journal) Resume() (renewed bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.down == nil {
		return false, nil
	}
	if j.intact() != nil {
		if err := j.renew(); err != nil {
			return false, err
		}
		renewed = true
	}
	if err := j.turn(0, 0); err != nil {
		return renewed, err
	}
	j.down = nil
	return renewed, nil
}

// renew takes a directory that is a new one.
func (j *Journal) renew() error {
	old := j.locked
	if err := os.MkdirAll(j.o.Directory, directoryMode); err != nil {
		return err
	}
	if err := j.lock(); err != nil {
		return err
	}
	_ = old.Close()
	j.segments, j.spares = nil, nil
	j.bytes.Store(0)
	return nil
}

// Close gives the directory back. Segments that nobody pins go.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.finish()
	if j.file != nil {
		j.file = nil
		j.number++
		j.pins.turn(j.number)
	}
	j.down = ErrDown
	j.reclaim()
	for _, s := range j.spares {
		err = errors.Join(err, s.remove())
	}
	j.spares = nil
	return errors.Join(err, j.locked.Close())
}
