package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/tracediff/query"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/window"
)

// Values of --scope.
const (
	scopeTrace = string(window.Trace)
	scopeSpan  = string(window.Span)
)

// defaultKeys are the attributes that say most of a call.
func defaultKeys() []string { return []string{"http.response.status_code", "http.status_code"} }

// sideReader makes snapshots of files.
type sideReader struct {
	query  string
	scope  string
	keys   []string
	named  bool // the keys were named on the command line
	parsed window.Query
	stdin  io.Reader
	stderr io.Writer
}

// parse reads the query.
func (r *sideReader) parse(s streams) error {
	q, err := query.Parse(r.query)
	if err != nil {
		return fmt.Errorf("--query: %w", err)
	}
	r.stdin, r.stderr = s.in, s.err
	r.parsed = window.Query{ID: "assayctl", Query: q, Scope: window.Scope(r.scope), Keys: r.keys}
	return nil
}

// read reads a snapshot, or makes one of recorded traces.
func (r *sideReader) read(ctx context.Context, path string) (side, error) {
	if path == otlpfile.Stdin {
		return side{}, errors.New("- : a recording is read twice, which standard input cannot; name a file")
	}
	if s, err := readSnapshot(path); s != nil || err != nil {
		found := side{path: path, Snapshot: s}
		if err == nil {
			err = r.holdsKeys(found)
		}
		return found, err
	}
	s, err := r.replay(ctx, path)
	return side{path: path, recording: true, Snapshot: s}, err
}

// replay makes a snapshot of recorded traces.
func (r *sideReader) replay(ctx context.Context, path string) (*snapshot.Snapshot, error) {
	var extent window.Extent
	if err := r.each(ctx, path, func(td ptrace.Traces) error { extent.Add(td); return nil }); err != nil {
		return nil, err
	}
	if extent.Empty() {
		return nil, fmt.Errorf("%s: holds no spans", path)
	}
	next, stop := r.pull(ctx, path)
	defer stop()
	start, end := extent.Bulk()
	s, err := window.Replay(r.parsed, window.DefaultLimits(), start, end, next) //nolint:contextcheck // next looks at the context
	if err != nil {
		return nil, err
	}
	if s.Coverage.Traces == 0 {
		return nil, fmt.Errorf("%s: no trace matches the query %s", path, r.parsed.Query)
	}
	s.QueryID = r.asked()
	r.leftOut(path, s)
	return s, nil
}

// leftOut says how many spans of a recording are not in its snapshot, for they are far from all others in time.
func (r *sideReader) leftOut(path string, s *snapshot.Snapshot) {
	if n := s.Coverage.Late + s.Coverage.Future; n > 0 {
		const layout = "2006-01-02 15:04:05Z"
		fmt.Fprintf(r.stderr, "%s: %d spans lie outside of %s to %s, in which nearly all begin, and are left out\n", path, n,
			s.Start.UTC().Format(layout), s.End.UTC().Format(layout))
	}
}

// pull iterates over the batches of a file.
func (r *sideReader) pull(ctx context.Context, path string) (next func() (ptrace.Traces, error), stop func()) {
	var reader *otlpfile.Reader
	next = func() (ptrace.Traces, error) {
		if err := ctx.Err(); err != nil {
			return ptrace.Traces{}, err
		}
		if reader == nil {
			opened, err := otlpfile.Open(path, otlpfile.WithStdin(r.stdin))
			if err != nil {
				return ptrace.Traces{}, err
			}
			reader = opened
		}
		return reader.Next()
	}
	return next, func() {
		if reader != nil {
			_ = reader.Close()
		}
	}
}

func (r *sideReader) each(ctx context.Context, path string, do func(ptrace.Traces) error) error {
	next, stop := r.pull(ctx, path)
	defer stop()
	for {
		td, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(td)
		}
		if err != nil {
			return err
		}
	}
}
