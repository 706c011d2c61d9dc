package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/otlpfile"
	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/inspect"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// lookUp judges what a backend has.
func (o *verifyOptions) lookUp(ctx context.Context, key *identity.Key, sent []*traffic.Stream, sampler verify.Sampler) (*inspect.Summary, error) {
	instance, err := o.instanceOf()
	if err != nil {
		return nil, err
	}
	if !(o.share > 0 && o.share <= 1) {
		return nil, fmt.Errorf("--share: must be more than 0 and at most 1, got %v", o.share)
	}
	if o.until < 0 || o.since <= o.until {
		return nil, fmt.Errorf("--since: must be longer ago than --until (%v), got %v", o.until, o.since)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	b, err := backend.New(backend.Kind(o.kind), o.url, &http.Client{Timeout: o.timeout, Transport: transport})
	if err != nil {
		return nil, fmt.Errorf("--backend, --url: %w", err)
	}
	now := time.Now()
	return inspect.Backend(ctx, inspect.BackendConfig{
		Key: key, Streams: sent, Instance: instance, Sampler: sampler, Share: o.share, From: now.Add(-o.since), To: now.Add(-o.until),
	}, b)
}

// maxBroken bounds how many broken records of a file are told one by one.
const maxBroken = 5

// inTurn reads files one after the other. What cannot be read is told on standard error and passed over, unless it is all of a file.
func inTurn(paths []string, s streams) (next func() (ptrace.Traces, error), stop func()) {
	var reader *otlpfile.Reader
	batches := 0 // of this file
	var first error
	stop = func() {
		if reader != nil {
			_ = reader.Close() // it was only read
			reader = nil
		}
	}
	broken := func(err *otlpfile.RecordError) {
		if first == nil {
			first = err
		}
		switch n := reader.Broken(); {
		case n <= maxBroken:
			fmt.Fprintf(s.err, "assayctl: passed over: %v\n", err)
		case n == maxBroken+1:
			fmt.Fprintf(s.err, "assayctl: passed over: more of %s\n", reader.Path())
		}
	}
	next = func() (ptrace.Traces, error) {
		for {
			if reader == nil {
				if len(paths) == 0 {
					return ptrace.Traces{}, io.EOF
				}
				opened, err := otlpfile.Open(paths[0], otlpfile.WithStdin(s.in), otlpfile.WithSkipBroken(broken))
				if err != nil {
					return ptrace.Traces{}, err
				}
				reader, paths, batches, first = opened, paths[1:], 0, nil
			}
			td, err := reader.Next()
			if err == nil {
				batches++
				return td, nil
			}
			var record *otlpfile.RecordError
			if errors.As(err, &record) && batches > 0 {
				broken(record)
			} else if !errors.Is(err, io.EOF) || record != nil {
				return td, err
			}
			if batches == 0 && first != nil {
				return td, first
			}
			stop()
		}
	}
	return next, stop
}
