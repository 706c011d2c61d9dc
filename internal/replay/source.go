package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/assayhq/assay/internal/otlpfile"
)

// source is one pass over the recording. next returns io.EOF at the end. All but done belongs to one goroutine.
type source interface {
	next() (*wireBatch, error)
	done() float64 // share of the pass that was read, 0 to 1; negative if not known. From any goroutine.
	close() error
}

// BrokenFileError ends a replay with Strict.
type BrokenFileError struct{ Err error }

func (e *BrokenFileError) Error() string {
	return fmt.Sprintf("%v\n  without --strict what cannot be read is counted and passed over", e.Err)
}

func (e *BrokenFileError) Unwrap() error { return e.Err }

// files reads several files as one recording: merged by arrival if paced, one behind the other if not.
type files struct {
	cfg    *Config
	tally  *tally
	merged bool
	names  []string // not opened yet
	heads  []head   // opened, with their next batch

	mu      sync.Mutex
	readers []*otlpfile.Reader // all that were opened, also closed ones; guarded by mu
}

// head is an open file and its first batch that was not handed out.
type head struct {
	reader *otlpfile.Reader
	rest   []*wireBatch // parts of the record read last that were not handed out
}

func openFiles(cfg *Config, t *tally) *files {
	return &files{cfg: cfg, tally: t, merged: cfg.Speed != Max, names: slices.Clone(cfg.Files)}
}

func (f *files) next() (*wireBatch, error) {
	if err := f.refill(); err != nil {
		return nil, err
	}
	if len(f.heads) == 0 {
		return nil, io.EOF
	}
	first := 0
	for i := range f.heads {
		if f.heads[i].rest[0].arrival < f.heads[first].rest[0].arrival {
			first = i
		}
	}
	h := &f.heads[first]
	b := h.rest[0]
	h.rest = h.rest[1:]
	return b, nil
}

// refill reads on in the file whose batches were handed out, and opens files. It runs before a batch is chosen and not
// after, so that a broken record does not take the sound batch in front of it along.
func (f *files) refill() error {
	for i := range f.heads {
		if len(f.heads[i].rest) > 0 {
			continue
		}
		more, err := f.fill(&f.heads[i])
		if err != nil {
			return err
		}
		if !more {
			f.heads = slices.Delete(f.heads, i, i+1)
		}
		break // one was handed out since the last time
	}
	return f.open()
}

// open opens the next file, or all of them if they are merged. Files without a batch are passed over.
func (f *files) open() error {
	for len(f.names) > 0 && (f.merged || len(f.heads) == 0) {
		name := f.names[0]
		f.names = f.names[1:]
		opts := []otlpfile.Option{otlpfile.WithMaxRecordBytes(f.cfg.MaxRecordBytes), otlpfile.WithStdin(f.cfg.stdin())}
		if !f.cfg.Strict {
			opts = append(opts, otlpfile.WithSkipBroken(f.broken))
		}
		r, err := otlpfile.Open(name, opts...)
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.readers = append(f.readers, r)
		f.mu.Unlock()
		h := head{reader: r}
		more, err := f.fill(&h)
		if err != nil {
			return err
		}
		if more {
			f.heads = append(f.heads, h)
		}
	}
	return nil
}

// fill reads the next record that has spans. At the end of the file it closes it and returns false.
func (f *files) fill(h *head) (bool, error) {
	for {
		td, err := h.reader.Next()
		var broken *otlpfile.RecordError
		switch {
		case err == nil:
		case errors.As(err, &broken):
			f.broken(broken)
			if f.cfg.Strict {
				return false, &BrokenFileError{broken}
			}
			f.tally.update(func(s *Summary) { s.BrokenFiles++ })
			return false, h.reader.Close()
		default: // io.EOF
			return false, h.reader.Close()
		}
		if td.SpanCount() == 0 {
			continue
		}
		for _, part := range split(td, f.cfg.MaxRequestBytes) {
			b, err := encodeBatch(part)
			if err != nil {
				return false, err
			}
			h.rest = append(h.rest, b)
		}
		return true, nil
	}
}

func (f *files) broken(e *otlpfile.RecordError) {
	f.tally.update(func(s *Summary) {
		s.BrokenRecords++
		s.Errors = addMessage(s.Errors, e.Error())
	})
}

func (f *files) done() float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.readers) == 0 {
		return 0
	}
	// Sizes of files that were not opened yet are not known: every file counts alike.
	var sum float64
	for _, r := range f.readers {
		read, total := r.Progress()
		switch {
		case total < 0:
			return -1
		case total == 0:
			sum++
		default:
			sum += min(1, float64(read)/float64(total))
		}
	}
	return sum / float64(len(f.cfg.Files))
}

func (f *files) close() error {
	var errs []error
	for _, r := range f.readers {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}
