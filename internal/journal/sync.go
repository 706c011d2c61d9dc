package journal

import (
	"errors"
	"os"
	"sync"
)

// synced is how far the disk has what was written. Whoever comes while another one syncs waits, and mostly finds that it is done.
type synced struct {
	written int64 // bytes in all; guarded by Journal.mu

	mu   sync.Mutex // guards what follows
	upTo int64
}

// sync returns when the disk has the first at bytes that were ever written.
func (j *Journal) sync(at int64) error {
	j.synced.mu.Lock()
	defer j.synced.mu.Unlock()
	if j.synced.upTo >= at {
		return nil
	}
	j.mu.Lock()
	f, written, down := j.file, j.synced.written, j.down
	j.mu.Unlock()
	if down != nil {
		return ErrDown
	}
	if err := f.Sync(); err != nil && !errors.Is(err, os.ErrClosed) { // a segment is synced before it is closed
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.fail(err)
	}
	j.synced.upTo = written
	return nil
}

// syncDirectory makes new names in a directory last.
func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
