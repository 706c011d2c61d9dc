package api

import (
	"net/http"
	"strings"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/baseline"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// diffOf is a diff as it is answered, with at most so many changes and, about, bytes.
func (h *handlers) diffOf(d *store.Diff, changes, most int) *TutorialDiff {
	q, a := h.service.KnownQuery(d.QueryID), report.Arrange(&d.Diff)
	w := &wire.Diff{
		ID: d.ID, QueryID: d.QueryID, Query: q.Text, Name: q.Name, Baseline: baseline.Parse(d.Baseline).Value(), CalculatedAt: d.CalculatedAt.UTC(),
		Comparison: *report.ComparisonOf(&d.Diff, a, a.Changes[:min(changes, len(a.Changes))]),
	}
	w.A.Link, w.B.Link = linkTo(d.A.SnapshotID), linkTo(d.B.SnapshotID)
	if d.Apart != nil {
		w.SideBySide = report.TellingOf(h.sidesOf(d), changes)
		w.SideBySide.QueryIDA = d.Against
	}
	answer := tutorialDiff(d, w)
	fitDiff(answer, most)
	return answer
}

// sidesOf is the diff of two queries.
func (h *handlers) sidesOf(d *store.Diff) *report.SideBySide {
	text := func(id string) string {
		if q := h.service.KnownQuery(id); q.Text != "" {
			return q.Text
		}
		return "query " + id // its text is forgotten
	}
	return &report.SideBySide{Diff: &d.Diff, Apart: d.Apart, A: text(d.Against), B: text(d.QueryID), Overlap: true}
}

// Changes that are listed of each diff, unless more are asked for.
const (
	changesOfOne     = 100
	changesOfMany    = 10
	changesOfComment = 20
)

func (h *handlers) listDiffs(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "baseline", "flagged", "from", "to", "limit", "cursor")
	f := store.DiffFilter{QueryID: p.Text("query"), From: p.time("from"), To: p.time("to")}
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
	all := []*TutorialDiff{}
	for _, d := range rows {
		all = append(all, h.diffOf(d, changesOfMany, mostOfMany))
	}
	list := fitting(all)
	more := len(list) < len(all) || len(all) == page.Limit
	return reply{body: list, header: next(r, more, func() store.Position {
		last := rows[len(list)-1]
		return store.Position{Time: last.CalculatedAt, ID: last.ID}
	})}, nil
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
	return reply{body: h.diffOf(d, changes, mostBytes)}, nil
}

func (h *handlers) createDiff(r *http.Request) (reply, error) {
	var c wire.NewDiff
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
	return reply{status: http.StatusCreated, body: h.diffOf(d, changesOfOne, mostBytes), header: http.Header{"Location": {"/api/diffs/" + d.ID}}}, nil
}

func (h *handlers) deleteDiff(r *http.Request) (reply, error) {
	d, err := h.service.DeleteDiff(r.Context(), r.PathValue("id"))
	if err != nil || d == nil {
		return reply{body: TutorialDeletedDiff{}}, err
	}
	return reply{body: TutorialDeletedDiff{h.diffOf(d, changesOfMany, mostOfMany)}}, nil
}
