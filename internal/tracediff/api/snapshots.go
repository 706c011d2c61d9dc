package api

import (
	"math"
	"net/http"
	"slices"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

func (h *handlers) snapshotOf(s *store.Snapshot) wire.Snapshot {
	q := h.service.KnownQuery(s.QueryID)
	w := wire.Snapshot{
		ID: s.ID, QueryID: s.QueryID, Query: q.Text, Name: q.Name, State: wire.SnapshotState(s.State), OnDemand: s.OnDemand, CreatedAt: s.CreatedAt.UTC(),
		CompleteAt: wire.Moment(s.Completed), Start: s.Start.UTC(), End: s.End.UTC(), Link: linkTo(s.ID),
		GroupByKeys: append([]string{}, s.Keys...), Coverage: wire.Coverage(s.Coverage), Versions: report.VersionsOf(s.Versions),
	}
	if s.Completed.IsZero() {
		w.CompleteAt = wire.Moment(s.Due)
	}
	return w
}

func linkTo(snapshotID string) string { return "/api/snapshots/" + snapshotID }

func groupOf(g *snapshot.Group) wire.Group {
	sum := g.Sum()
	b := wire.Group{
		Identity: report.IdentityOf(&g.Identity), Spans: sum.Spans, Traces: sum.Traces, Weight: wire.Number(sum.Weight),
		Slow: append([]string{}, g.Exemplars.Slow...), Error: append([]string{}, g.Exemplars.Error...), Random: append([]string{}, g.Exemplars.Random...),
	}
	mean, share, p50, p95, p99 := math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	if sum.Weight > 0 {
		mean, share = sum.Duration/sum.Weight, sum.ErrorWeight/sum.Weight
		p50, p95, p99 = g.Duration.Percentiles()
	}
	b.ErrorShare, b.MeanSeconds = wire.Number(share), report.Seconds(mean)
	b.P50Seconds, b.P95Seconds, b.P99Seconds = report.Seconds(p50), report.Seconds(p95), report.Seconds(p99)
	return b
}

func (h *handlers) listSnapshots(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "state", "from", "to", "limit", "cursor")
	f := store.SnapshotFilter{
		QueryID: p.Text("query"), State: snapshot.State(p.OneOf("state", "open", "complete", "partial")), From: p.time("from"), To: p.time("to"),
	}
	page := p.page(100, 1000)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	rows, err := h.service.Snapshots(r.Context(), f, page)
	if err != nil {
		return reply{}, err
	}
	all := []*TutorialSnapshot{}
	for i := range rows {
		s := h.snapshotOf(&rows[i])
		fitSnapshot(&s, mostOfMany)
		all = append(all, tutorialSnapshot(s))
	}
	list := fitting(all)
	more := len(list) < len(all) || len(all) == page.Limit
	return reply{body: list, header: next(r, more, func() store.Position {
		last := &rows[len(list)-1]
		return store.Position{Time: last.CreatedAt, ID: last.ID}
	})}, nil
}

func (h *handlers) getSnapshot(r *http.Request) (reply, error) {
	p := parametersOf(r, "groups")
	most := p.Number("groups", 100, 0, 1_000_000)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	row, err := h.service.Snapshot(r.Context(), r.PathValue("id"))
	if err != nil {
		return reply{}, err
	}
	b := h.snapshotOf(&row)
	total := len(row.Groups)
	b.GroupsTotal = &total
	groups := row.Groups
	weights := make(map[*snapshot.Group]float64, len(groups))
	for _, g := range groups {
		sum := g.Sum()
		weights[g] = sum.Weight
	}
	slices.SortStableFunc(groups, func(x, y *snapshot.Group) int {
		switch {
		case weights[x] > weights[y]:
			return -1
		case weights[x] < weights[y]:
			return 1
		}
		return 0
	})
	for _, g := range groups[:min(most, total)] {
		b.Groups = append(b.Groups, groupOf(g))
	}
	fitSnapshot(&b, mostBytes)
	return reply{body: tutorialSnapshot(b)}, nil
}

func (h *handlers) takeSnapshot(r *http.Request) (reply, error) {
	var t wire.NewSnapshot
	if err := console.Decode(r, &t); err != nil {
		return reply{}, err
	}
	if t.QueryID == "" {
		return reply{}, console.Bad("query_id: must be the id of a query; GET /api/queries lists them")
	}
	row, err := h.service.TakeSnapshot(r.Context(), t.QueryID)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: tutorialSnapshot(h.snapshotOf(&row)), header: http.Header{"Location": {linkTo(row.ID)}}}, nil
}

func (h *handlers) deleteSnapshot(r *http.Request) (reply, error) {
	row, err := h.service.DeleteSnapshot(r.Context(), r.PathValue("id"))
	return reply{body: TutorialDeletedSnapshot{tutorialSnapshot(h.snapshotOf(&row))}}, err
}
