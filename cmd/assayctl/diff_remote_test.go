package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/api"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// holder is a collector that has made one diff.
type holder struct {
	api.Service // the rest is not asked for
	diff        *compare.Diff
}

func (h holder) KnownQuery(string) store.Query { return store.Query{Name: "all"} }

func (h holder) Diff(context.Context, string) (*store.Diff, error) {
	return &store.Diff{Diff: *h.diff}, nil
}

func (h holder) Compare(ctx context.Context, _, _ string, _ []string) (*store.Diff, error) {
	return h.Diff(ctx, "")
}

// A diff reads the same whether it comes from files or out of the API: causes, order, numbers and what is not known.
func TestDiffsReadTheSameFromACollector(t *testing.T) {
	before := shop{seed: 70, traces: 1200, statuses: map[int]float64{503: 0.02}}.record(t, monday)
	after := shop{seed: 71, traces: 1200, slower: 2, statuses: map[int]float64{403: 0.03}}.record(t, tuesday)
	o := newDiffOptions()
	o.sides.query, o.sides.scope, o.sides.keys = "*", scopeTrace, []string{"http.status_code"}
	d, err := o.compare(t.Context(), before, after, streams{in: bytes.NewReader(nil)})
	require.NoError(t, err)
	require.NotEmpty(t, d.Causes)
	mux := http.NewServeMux()
	for _, r := range api.Routes(holder{diff: d}) {
		mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	s := httptest.NewServer(mux)
	defer s.Close()

	for _, all := range []bool{false, true} {
		options := report.Options{Top: 12, All: all}
		var text, markdown bytes.Buffer
		require.NoError(t, report.Text(&text, d, options))
		require.NoError(t, report.Markdown(&markdown, "What changed", d, options))
		args := []string{"diff", "--url", s.URL, "--top", "12"}
		if all {
			args = append(args, "--all")
		}
		assert.Equal(t, text.String(), assayctl(t, "", append(args, "s1", "s2")...).out)
		assert.Equal(t, markdown.String(), assayctl(t, "", append(args, "-o", "markdown", "s1", "s2")...).out)
		var doc wire.Comparison
		require.NoError(t, json.Unmarshal([]byte(assayctl(t, "", append(args, "-o", "json", "s1", "s2")...).out), &doc))
		want := report.NewComparison(d, options)
		assert.Equal(t, []int{want.Flagged, want.Listed, want.ChangesTotal, len(want.Causes)}, []int{doc.Flagged, doc.Listed, doc.ChangesTotal, len(doc.Causes)})
		assert.Equal(t, want.Truncated, doc.Truncated)
		for i := range want.Causes {
			assert.Equal(t, want.Causes[i].Summary, doc.Causes[i].Summary)
			assert.Equal(t, want.Causes[i].Explains, doc.Causes[i].Explains)
		}
		for i := range want.Changes {
			assert.Equal(t, want.Changes[i].Fingerprint, doc.Changes[i].Fingerprint)
		}
	}
}

// An answer that contradicts itself is refused, rather than shown with a change under the wrong cause.
func TestCausesOfNothing(t *testing.T) {
	_, err := compared(&wire.Diff{ID: "d1", Comparison: wire.Comparison{Causes: []wire.Cause{{Main: "f9"}}}})
	require.EqualError(t, err, `cause 1 of diff d1: its change "f9" is not in the answer`)
}
