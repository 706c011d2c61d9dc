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
	"github.com/assayhq/assay/internal/tracediff/snapshot"
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
	return d.diff(), nil
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

// remoteDiff is a diff as the API of trace diff writes it: times in s since 1970, latencies in µs.
type remoteDiff struct {
	ID           string
	Query        string
	QueryID      string
	CalculatedAt int64
	A, B         remoteSide
	Thresholds   compare.Thresholds
	History      int
	Tests        int
	Changes      []remoteChange
	ChangesTotal int
	Apart        *remoteApart
}

type remoteSide struct {
	SnapshotID string
	Start, End int64
	State      snapshot.State
	Coverage   snapshot.Coverage
}

type remoteChange struct {
	snapshot.Identity
	Measure     compare.Measure
	Verdict     compare.Verdict
	Flagged     bool
	Standing    compare.Standing
	Windows     int
	Since       int64
	Effect      float64
	Low, High   float64
	P, Q        float64
	Impact      float64
	A, B        compare.Absolute
	Exemplars   []string
	Fingerprint string
}

func (d *remoteDiff) diff() *compare.Diff {
	to := &compare.Diff{
		ID: d.ID, QueryID: d.QueryID, CalculatedAt: time.Unix(d.CalculatedAt, 0),
		A: d.A.side(), B: d.B.side(), Thresholds: d.Thresholds, History: d.History, Tests: d.Tests,
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		to.Changes = append(to.Changes, compare.Change{
			Identity: ownIdentity(c.Identity), Measure: c.Measure, Verdict: c.Verdict, A: nanoseconds(c.A), B: nanoseconds(c.B),
			Effect: c.Effect, Low: c.Low, High: c.High, P: c.P, Q: c.Q, Flagged: c.Flagged, Impact: c.Impact, Standing: c.Standing,
			Windows: c.Windows, Since: time.Unix(c.Since, 0), Exemplars: c.Exemplars, Fingerprint: c.Fingerprint,
		})
	}
	return to
}

func (s *remoteSide) side() compare.Side {
	return compare.Side{SnapshotID: s.SnapshotID, Start: time.Unix(s.Start, 0), End: time.Unix(s.End, 0), State: s.State, Coverage: s.Coverage}
}

// nanoseconds turns the latencies of a group from µs to ns.
func nanoseconds(a compare.Absolute) compare.Absolute {
	for _, v := range [...]*float64{&a.Mean, &a.GeoMean, &a.P50, &a.P95, &a.P99, &a.SelfMean} {
		*v *= 1000
	}
	return a
}
