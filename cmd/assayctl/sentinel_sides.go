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
)

// lookUp judges what a backend has.
func (o *verifyOptions) lookUp(ctx context.Context, key *identity.Key, sent []*traffic.Stream) (*inspect.Summary, error) {
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
		Key: key, Streams: sent, Instance: instance, Share: o.share, From: now.Add(-o.since), To: now.Add(-o.until),
	}, b)
}

// inTurn reads files one after the other.
func inTurn(paths []string, stdin io.Reader) (next func() (ptrace.Traces, error), stop func()) {
	var reader *otlpfile.Reader
	stop = func() {
		if reader != nil {
			_ = reader.Close() // it was only read
			reader = nil
		}
	}
	next = func() (ptrace.Traces, error) {
		for {
			if reader == nil {
				if len(paths) == 0 {
					return ptrace.Traces{}, io.EOF
				}
				opened, err := otlpfile.Open(paths[0], otlpfile.WithStdin(stdin))
				if err != nil {
					return ptrace.Traces{}, err
				}
				reader, paths = opened, paths[1:]
			}
			td, err := reader.Next()
			if !errors.Is(err, io.EOF) {
				return td, err
			}
			stop()
		}
	}
	return next, stop
}
