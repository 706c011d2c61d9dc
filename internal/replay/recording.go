package replay

import (
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"github.com/assayhq/assay/internal/otlpfile"
)

// recording opens the passes over the files. A recording that fits into Config.CacheBytes is parsed and encoded in the
// first pass only.
type recording struct {
	cfg   *Config
	tally *tally

	cache    []*wireBatch
	bytes    int
	overflow bool // the recording is larger than CacheBytes
	whole    bool // cache holds all of it
}

// pass begins the next pass.
func (r *recording) pass() (source, error) {
	if r.whole {
		return &cached{batches: r.cache}, nil
	}
	if r.overflow && slices.Contains(r.cfg.Files, otlpfile.Stdin) {
		return nil, errors.New("--repeat: standard input cannot be read twice and is too large to be kept; save it to a file")
	}
	f := openFiles(r.cfg, r.tally)
	if r.cfg.Repeat == 1 || r.overflow {
		return f, nil
	}
	return &caching{files: f, recording: r}, nil
}

// caching is the first pass: it keeps what passes.
type caching struct {
	*files
	recording *recording
}

func (c *caching) next() (*wireBatch, error) {
	b, err := c.files.next()
	r := c.recording
	switch {
	case errors.Is(err, io.EOF) && !r.overflow:
		r.whole = true
	case err == nil && !r.overflow:
		if r.bytes += len(b.body) + 4*len(b.times) + 4*len(b.traceIDs); r.bytes > r.cfg.CacheBytes {
			r.cache, r.overflow = nil, true
			break
		}
		r.cache = append(r.cache, b)
	}
	return b, err
}

// cached is a pass over what was kept.
type cached struct {
	batches []*wireBatch
	at      atomic.Int64
}

func (c *cached) next() (*wireBatch, error) {
	at := c.at.Load()
	if at == int64(len(c.batches)) {
		return nil, io.EOF
	}
	c.at.Store(at + 1)
	return c.batches[at], nil
}

func (c *cached) done() float64 {
	if len(c.batches) == 0 {
		return 1
	}
	return float64(c.at.Load()) / float64(len(c.batches))
}

func (c *cached) close() error { return nil }
