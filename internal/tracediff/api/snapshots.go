package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// snapshotBody is a snapshot. The first five fields are the tutorial's.
type snapshotBody struct {
	SnapshotID   string `json:"snapshotId"`
	Query        string `json:"query"`
	CreatedAt    int64  `json:"createdAt"`
	CompleteTime int64  `json:"completeTime"` // of an open one: when it will be
	Link         string `json:"link"`

	QueryID     string        `json:"queryId"`
	Name        string        `json:"name"` // of the query
	State       string        `json:"state"`
	OnDemand    bool          `json:"onDemand"`
	Start       int64         `json:"start"`
	End         int64         `json:"end"`
	GroupByKeys []string      `json:"groupByKeys"`
	Coverage    coverage      `json:"coverage"`
	Versions    []versionBody `json:"versions"`
	Groups      []groupBody   `json:"groups,omitempty"`      // the busiest ones, where one snapshot was asked for
	GroupsTotal *int          `json:"groupsTotal,omitempty"` // how many there are
}

// coverage says what a snapshot rests on, in raw counts.
type coverage struct {
	Traces           uint64 `json:"traces"`
	Spans            uint64 `json:"spans"`
	Orphans          uint64 `json:"orphans"`
	Duplicates       uint64 `json:"duplicates"`
	WithoutThreshold uint64 `json:"withoutThreshold"`
	Late             uint64 `json:"late"`
	Future           uint64 `json:"future"`
	Overflow         uint64 `json:"overflow"`
	Dropped          uint64 `json:"dropped"`
	Invalid          uint64 `json:"invalid"`
	Untimed          uint64 `json:"untimed"`
	WithoutEnd       uint64 `json:"withoutEnd"`
}

type versionBody struct {
	Service string `json:"service"`
	Version string `json:"version"`
	Weight  number `json:"weight"`
	First   int64  `json:"first"`
	Last    int64  `json:"last"`
}

// identity names a group.
type identity struct {
	Kind          string `json:"kind"`
	Key           string `json:"key,omitempty"`
	Service       string `json:"service,omitempty"` // also of a group that is a service: there it is the value too
	Value         string `json:"value"`
	CallerService string `json:"callerService,omitempty"`
	Caller        string `json:"caller,omitempty"`
	PathID        string `json:"pathId,omitempty"`
}

// groupBody is a group; latencies in µs.
type groupBody struct {
	identity
	Occurrence uint32   `json:"occurrence"` // spans
	Traces     uint32   `json:"traces"`
	Weight     number   `json:"weight"` // adjusted count of spans
	AvgLatency number   `json:"avg_latency"`
	ErrorRatio number   `json:"error_ratio"`
	P50        number   `json:"p50"`
	P95        number   `json:"p95"`
	P99        number   `json:"p99"`
	Slow       []string `json:"slow"` // trace ids
	Error      []string `json:"error"`
	Random     []string `json:"random"`
}

func identityOf(id *snapshot.Identity) identity {
	return identity{string(id.Kind), id.Key, id.ServiceName(), id.Value, id.CallerService, id.Caller, id.PathID}
}

func coverageOf(c *snapshot.Coverage) coverage {
	return coverage{
		c.Traces, c.Spans, c.Orphans, c.Duplicates, c.WithoutThreshold, c.Late, c.Future, c.Overflow, c.Dropped, c.Invalid,
		c.Untimed, c.WithoutEnd,
	}
}

func versionsOf(versions []snapshot.Version) []versionBody {
	list := []versionBody{}
	for _, v := range versions {
		list = append(list, versionBody{v.Service, v.Version, number(v.Weight), seconds(v.First), seconds(v.Last)})
	}
	return list
}

func (h *handlers) snapshotOf(s *store.Snapshot) *snapshotBody {
	q := h.service.KnownQuery(s.QueryID)
	b := &snapshotBody{
		SnapshotID: s.ID, Query: q.Text, CreatedAt: seconds(s.CreatedAt), CompleteTime: seconds(s.Completed), Link: linkTo(s.ID),
		QueryID: s.QueryID, Name: q.Name, State: string(s.State), OnDemand: s.OnDemand, Start: seconds(s.Start), End: seconds(s.End),
		GroupByKeys: append([]string{}, s.Keys...), Coverage: coverageOf(&s.Coverage), Versions: versionsOf(s.Versions),
	}
	if s.Completed.IsZero() {
		b.CompleteTime = seconds(s.Due)
	}
	return b
}

func linkTo(snapshotID string) string { return "/api/snapshots/" + snapshotID }

// microseconds is how latencies are told.
func microseconds(ns float64) number { return number(ns / float64(time.Microsecond)) }

func groupOf(g *snapshot.Group) groupBody {
	sum := g.Sum()
	b := groupBody{
		identity: identityOf(&g.Identity), Occurrence: sum.Spans, Traces: sum.Traces, Weight: number(sum.Weight),
		P50: microseconds(g.Duration.Quantile(0.5)), P95: microseconds(g.Duration.Quantile(0.95)), P99: microseconds(g.Duration.Quantile(0.99)),
		Slow: append([]string{}, g.Exemplars.Slow...), Error: append([]string{}, g.Exemplars.Error...), Random: append([]string{}, g.Exemplars.Random...),
	}
	if sum.Weight > 0 {
		b.AvgLatency, b.ErrorRatio = microseconds(sum.Duration/sum.Weight), number(sum.ErrorWeight/sum.Weight)
	}
	return b
}

func (h *handlers) listSnapshots(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "state", "from", "to", "limit", "cursor")
	f := store.SnapshotFilter{
		QueryID: p.Text("query"), State: snapshot.State(p.OneOf("state", "open", "complete", "partial")), From: p.seconds("from"), To: p.seconds("to"),
	}
	page := p.page(100, 1000)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	rows, err := h.service.Snapshots(r.Context(), f, page)
	if err != nil {
		return reply{}, err
	}
	list := []*snapshotBody{}
	var last store.Position
	for i := range rows {
		list = append(list, h.snapshotOf(&rows[i]))
		last = store.Position{Time: rows[i].CreatedAt, ID: rows[i].ID}
	}
	return reply{body: list, header: next(r, len(rows) == page.Limit, last)}, nil
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
	return reply{body: b}, nil
}

// taking is the body of POST /api/snapshots.
type taking struct {
	QueryID string `json:"queryId"`
}

func (h *handlers) takeSnapshot(r *http.Request) (reply, error) {
	var t taking
	if err := console.Decode(r, &t); err != nil {
		return reply{}, err
	}
	if t.QueryID == "" {
		return reply{}, console.Bad("queryId: must be the id of a query; GET /api/queries lists them")
	}
	row, err := h.service.TakeSnapshot(r.Context(), t.QueryID)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: h.snapshotOf(&row), header: http.Header{"Location": {linkTo(row.ID)}}}, nil
}

func (h *handlers) deleteSnapshot(r *http.Request) (reply, error) {
	row, err := h.service.DeleteSnapshot(r.Context(), r.PathValue("id"))
	return reply{body: deleted{h.snapshotOf(&row)}}, err
}
