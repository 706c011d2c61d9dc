package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/tracediff/topology"
)

// chosen is the query that a request names, or the only one there is. One that was deleted still has its history.
func (h *handlers) chosen(p parameters) string {
	if id := p.Text("query"); id != "" {
		return id
	}
	all := h.service.Queries()
	if len(all) != 1 {
		p.Wrong(fmt.Sprintf("query: must be the id of one of the %d queries; GET /api/queries lists them", len(all)))
		return ""
	}
	return all[0].ID
}

func (h *handlers) getTopology(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "at", "format", "detail")
	id, at := h.chosen(p), p.time("at")
	format, detail := p.OneOf("format", "json", "dot"), p.OneOf("detail", "services", "operations")
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	if at.IsZero() {
		at = time.Unix(latest, 0)
	}
	found, err := h.service.SnapshotBefore(r.Context(), id, at.Add(1))
	if err != nil {
		return reply{}, err
	}
	graph := topology.New(&found.Snapshot)
	topology.Cut(graph, mostBytes)
	if format != "dot" {
		return reply{body: graph}, nil
	}
	level := topology.Services
	if detail == "operations" {
		level = topology.Operations
	}
	var drawing strings.Builder
	err = topology.WriteDOT(&drawing, graph, level)
	return reply{body: text{"text/vnd.graphviz; charset=utf-8", drawing.String()}}, err
}

// Windows that are looked through.
const (
	windowsOfEvolution   = 200
	mostOfEvolution      = 1000
	windowsOfDeployments = 5000
)

func (h *handlers) getEvolution(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "from", "to", "windows")
	id, f := h.chosen(p), store.SnapshotFilter{From: p.time("from"), To: p.time("to")}
	most := p.Number("windows", windowsOfEvolution, 1, mostOfEvolution)
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	f.QueryID = id
	heads, err := h.windows(r, f, most)
	if err != nil {
		return reply{}, err
	}
	var follower topology.Follower
	for i := range heads { // one at a time: together they may not fit
		whole, err := h.service.Snapshot(r.Context(), heads[i].ID)
		if err != nil {
			return reply{}, err
		}
		follower.Add(&whole.Snapshot)
	}
	evolution := follower.Evolution()
	topology.CutEvolution(evolution, mostBytes)
	return reply{body: evolution}, nil
}

func (h *handlers) getDeployments(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "from", "to")
	id, f := h.chosen(p), store.SnapshotFilter{From: p.time("from"), To: p.time("to")}
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	f.QueryID = id
	heads, err := h.windows(r, f, windowsOfDeployments)
	if err != nil {
		return reply{}, err
	}
	var follower topology.Follower
	for i := range heads {
		follower.Add(&heads[i].Snapshot)
	}
	return reply{body: topology.LatestDeployments(follower.Evolution().Deployments, mostBytes)}, nil
}

// windows lists the latest finished windows of a query, oldest first, without their groups.
func (h *handlers) windows(r *http.Request, f store.SnapshotFilter, most int) (list []store.Snapshot, err error) {
	page := store.Page{Limit: 500}
	for {
		rows, err := h.service.Snapshots(r.Context(), f, page)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if rows[i].Finished && !rows[i].OnDemand && len(list) < most {
				list = append(list, rows[i])
			}
		}
		if len(rows) < page.Limit || len(list) >= most {
			slices.SortFunc(list, func(a, b store.Snapshot) int { return a.Start.Compare(b.Start) })
			return list, nil
		}
		page.After = &store.Position{Time: rows[len(rows)-1].CreatedAt, ID: rows[len(rows)-1].ID}
	}
}
