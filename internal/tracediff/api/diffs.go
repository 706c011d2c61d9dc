package api

import (
	"net/http"
	"strings"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// diffBody is a diff. The first five fields are the tutorial's.
type diffBody struct {
	Query        string    `json:"query"`
	LinkA        string    `json:"linkA"` // the older snapshot
	LinkB        string    `json:"linkB"`
	CalculatedAt int64     `json:"calculatedAt"`
	Diffs        []keyBody `json:"diffs"`

	ID         string      `json:"id"`
	QueryID    string      `json:"queryId"`
	Name       string      `json:"name"`     // of the query
	Baseline   any         `json:"baseline"` // empty: on demand
	A          sideBody    `json:"a"`
	B          sideBody    `json:"b"`
	Thresholds *thresholds `json:"thresholds"`
	History    int         `json:"history"` // windows that the usual variance was learned from
	Tests      int         `json:"tests"`
	Flagged    int         `json:"flagged"` // changes
	Causes     []causeBody `json:"causes"`  // of them; those that explain most come first

	Changes      []changeBody `json:"changes"` // those of the first cause, its main change first, then those of the second one ...
	Listed       int          `json:"listed"`
	Truncated    bool         `json:"truncated"` // there are more than are listed
	ChangesTotal int          `json:"changesTotal"`

	Apart *apartBody `json:"apart,omitempty"` // of two queries side by side
}

type sideBody struct {
	SnapshotID string        `json:"snapshotId"`
	Link       string        `json:"link"`
	Start      int64         `json:"start"`
	End        int64         `json:"end"`
	State      string        `json:"state"`
	Coverage   coverage      `json:"coverage"`
	Versions   []versionBody `json:"versions"`
}

func sideOf(s *compare.Side) sideBody {
	return sideBody{
		s.SnapshotID, linkTo(s.SnapshotID), seconds(s.Start), seconds(s.End), string(s.State), coverageOf(&s.Coverage), versionsOf(s.Versions),
	}
}

func (h *handlers) diffOf(d *store.Diff, changes int) *diffBody {
	q, a := h.service.KnownQuery(d.QueryID), report.Arrange(&d.Diff)
	b := &diffBody{
		Query: q.Text, LinkA: linkTo(d.A.SnapshotID), LinkB: linkTo(d.B.SnapshotID), CalculatedAt: seconds(d.CalculatedAt), Diffs: byKey(d),
		ID: d.ID, QueryID: d.QueryID, Name: q.Name, Baseline: baseline.Parse(d.Baseline).Value(), A: sideOf(&d.A), B: sideOf(&d.B),
		Thresholds: thresholdsOf(&d.Thresholds), History: d.History, Tests: d.Tests, Flagged: report.Flagged(&d.Diff), Causes: causesOf(&d.Diff, a),
		Changes: []changeBody{}, ChangesTotal: len(d.Changes),
	}
	if d.Apart != nil {
		b.Apart = h.apartOf(d, changes)
	}
	for _, c := range a.Changes[:min(changes, len(a.Changes))] {
		b.Changes = append(b.Changes, changeOf(c, a.Cause(c)))
	}
	b.Listed, b.Truncated = len(b.Changes), len(b.Changes) < len(d.Changes)
	return b
}

// Changes that are listed of each diff, unless more are asked for.
const (
	changesOfOne     = 100
	changesOfMany    = 10
	changesOfComment = 20
)

func (h *handlers) listDiffs(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "baseline", "flagged", "from", "to", "limit", "cursor")
	f := store.DiffFilter{QueryID: p.Text("query"), From: p.seconds("from"), To: p.seconds("to")}
	if p.Values.Has("baseline") {
		short := p.Text("baseline")
		f.Baseline = &short
	}
	switch p.OneOf("flagged", "true", "false") {
	case "true":
		f.Flagged = true
	case "false":
		f.FlaggedNone = true
	}
	page := p.page(20, 100)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	rows, err := h.service.Diffs(r.Context(), f, page)
	if err != nil {
		return reply{}, err
	}
	list := []*diffBody{}
	var last store.Position
	for _, d := range rows {
		list = append(list, h.diffOf(d, changesOfMany))
		last = store.Position{Time: d.CalculatedAt, ID: d.ID}
	}
	return reply{body: list, header: next(r, len(rows) == page.Limit, last)}, nil
}

func (h *handlers) getDiff(r *http.Request) (reply, error) {
	p := parametersOf(r, "changes")
	changes := p.Number("changes", changesOfOne, 0, 1_000_000)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	id, markdown := strings.CutSuffix(r.PathValue("id"), ".md")
	d, err := h.service.Diff(r.Context(), id)
	if err != nil {
		return reply{}, err
	}
	if markdown {
		var page strings.Builder
		title := "Trace diff: " + h.service.KnownQuery(d.QueryID).Name
		options := report.Options{Top: changesOfComment}
		if d.Apart != nil {
			err = report.SideBySideMarkdown(&page, title, h.sidesOf(d), options)
		} else {
			err = report.Markdown(&page, title, &d.Diff, options)
		}
		return reply{body: text{"text/markdown; charset=utf-8", page.String()}}, err
	}
	return reply{body: h.diffOf(d, changes)}, nil
}

// comparing is the body of POST /api/diffs.
type comparing struct {
	A          string   `json:"a"`
	B          string   `json:"b"`
	Keys       []string `json:"keys"`
	SideBySide bool     `json:"sideBySide"` // a and b are of two queries, and of one window
}

func (h *handlers) createDiff(r *http.Request) (reply, error) {
	var c comparing
	if err := console.Decode(r, &c); err != nil {
		return reply{}, err
	}
	if c.A == "" || c.B == "" {
		return reply{}, console.Bad("a and b: must be the ids of two snapshots, a the older; GET /api/snapshots lists them")
	}
	compare := h.service.Compare
	if c.SideBySide {
		compare = h.service.SideBySide
	}
	d, err := compare(r.Context(), c.A, c.B, c.Keys)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: h.diffOf(d, changesOfOne), header: http.Header{"Location": {"/api/diffs/" + d.ID}}}, nil
}

func (h *handlers) deleteDiff(r *http.Request) (reply, error) {
	d, err := h.service.DeleteDiff(r.Context(), r.PathValue("id"))
	if err != nil || d == nil {
		return reply{body: deleted{nil}}, err
	}
	return reply{body: deleted{h.diffOf(d, changesOfMany)}}, nil
}
