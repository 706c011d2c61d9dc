package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/wire"
)

const diffTimeout = time.Minute

// diffServer is a collector that holds snapshots, and compares them itself.
type diffServer struct {
	console
	keys []string // those that were asked for
}

func (s *diffServer) flags(f *pflag.FlagSet) {
	s.console.flags(f, ": A and B are ids of its snapshots", "exporter that is to answer where the collector has several, as trace_diff/eu")
}

// compare lets the collector compare two snapshots.
func (s *diffServer) compare(ctx context.Context, a, b string) (*compare.Diff, error) {
	d, err := s.fetch(ctx, wire.NewDiff{A: a, B: b, Keys: s.keys})
	if err != nil {
		return nil, err
	}
	return compared(d)
}

// fetch asks for a comparison and reads all that the collector has to say.
func (s *diffServer) fetch(ctx context.Context, request wire.NewDiff) (*wire.Diff, error) {
	ctx, cancel := context.WithTimeout(ctx, diffTimeout)
	defer cancel()
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	d := &wire.Diff{}
	if err := s.ask(ctx, http.MethodPost, "/api/diffs", url.Values{}, body, d); err != nil {
		return nil, err
	}
	most := d.ChangesTotal
	missing := most > len(d.Changes)
	if t := d.SideBySide; t != nil {
		most = max(most, t.TellingTotal)
		missing = missing || t.TellingTotal > len(t.Telling)
	}
	if missing {
		all := url.Values{"changes": {strconv.Itoa(most)}}
		whole := &wire.Diff{}
		return whole, s.ask(ctx, http.MethodGet, "/api/diffs/"+url.PathEscape(d.ID), all, nil, whole)
	}
	return d, nil
}
