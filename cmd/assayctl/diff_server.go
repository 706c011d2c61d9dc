package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

const (
	diffTimeout = time.Minute
	// maxAnswerBytes bounds what a collector may answer: 20,000 groups of three changes each are some 60 MB.
	maxAnswerBytes = 256 << 20
)

// diffServer is a collector that holds snapshots, and compares them itself.
type diffServer struct {
	url       string
	component string // id of the exporter that is to answer, where several do
	headers   []string
	keys      []string // those that were asked for
}

func (s *diffServer) flags(f *pflag.FlagSet) {
	f.StringVar(&s.url, "url", "", "`URL` of the collector's console, as http://localhost:4000: A and B are ids of its snapshots")
	f.StringVar(&s.component, "component", "", "`ID` of the exporter that is to answer where the collector has several, as trace_diff/eu")
	f.StringArrayVarP(&s.headers, "header", "H", nil, "`KEY=VALUE` to send to the collector, as Authorization=Bearer ...; may be repeated")
}

// compare lets the collector compare two snapshots.
func (s *diffServer) compare(ctx context.Context, a, b string) (*compare.Diff, error) {
	d, err := s.fetch(ctx, map[string]any{"a": a, "b": b})
	if err != nil {
		return nil, err
	}
	return d.diff()
}

// fetch asks for a comparison, by the keys that were named, and reads all that the collector has to say.
func (s *diffServer) fetch(ctx context.Context, request map[string]any) (*remoteDiff, error) {
	ctx, cancel := context.WithTimeout(ctx, diffTimeout)
	defer cancel()
	if len(s.keys) > 0 {
		request["keys"] = s.keys
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	d, err := s.ask(ctx, http.MethodPost, "/api/diffs", url.Values{}, body)
	if err != nil {
		return nil, err
	}
	most := d.ChangesTotal
	missing := most > len(d.Changes)
	if d.Apart != nil {
		most = max(most, d.Apart.TellingTotal)
		missing = missing || d.Apart.TellingTotal > len(d.Apart.Telling)
	}
	if missing {
		all := url.Values{"changes": {strconv.Itoa(most)}}
		return s.ask(ctx, http.MethodGet, "/api/diffs/"+url.PathEscape(d.ID), all, nil)
	}
	return d, nil
}

// ask sends a request and reads the diff that it is answered with.
func (s *diffServer) ask(ctx context.Context, method, path string, parameters url.Values, body []byte) (*remoteDiff, error) {
	if s.component != "" {
		parameters.Set("component", s.component)
	}
	address := strings.TrimRight(s.url, "/") + path
	if len(parameters) > 0 {
		address += "?" + parameters.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("--url: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range s.headers {
		key, value, found := strings.Cut(h, "=")
		if !found {
			return nil, errors.New("--header: must be KEY=VALUE")
		}
		req.Header.Set(key, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
			return nil, context.Canceled
		}
		return nil, fmt.Errorf("%w; is a collector with a console running there?", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, req.URL.Path, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var problem struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(answer, &problem) != nil || problem.Message == "" {
			problem.Message = "the answer does not say why"
		}
		return nil, fmt.Errorf("%s %s: %s: %s", method, req.URL.Path, res.Status, asFlag(problem.Message))
	}
	var d remoteDiff
	if err := json.Unmarshal(answer, &d); err != nil {
		return nil, fmt.Errorf("%s %s: the answer is no diff: %w", method, req.URL.Path, err)
	}
	return &d, nil
}

// asFlag puts what the console says of its parameter component into the words of the command line.
func asFlag(message string) string {
	rest, ok := strings.CutPrefix(message, "component: ")
	if !ok {
		return message
	}
	return "--component: " + strings.ReplaceAll(rest, "?component=", "--component ")
}
