package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"hash/fnv"
	"net/http"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// How many diffs are looked through, the latest ones: flagged ones for causes, and those of a query for its latest window, among which many may be
// on demand.
const (
	mostCausingDiffs = 500
	mostLatestDiffs  = 200
	causesPage       = 50
)

func (h *handlers) listCauses(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "from", "to", "current")
	f := store.DiffFilter{QueryID: p.Text("query"), From: p.time("from"), To: p.time("to"), Flagged: true}
	current := p.OneOf("current", "true", "false") == "true"
	if current && (!f.From.IsZero() || !f.To.IsZero()) {
		p.Wrong("current: is about the latest windows; leave out from and to")
	}
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	find := h.causesBetween
	if current {
		find = h.currentCauses
	}
	found, err := find(r.Context(), f)
	return reply{body: found}, err
}

// causesBetween goes through the flagged diffs, the latest first.
func (h *handlers) causesBetween(ctx context.Context, f store.DiffFilter) (*wire.Causes, error) {
	ends := map[string]time.Time{}
	err := h.latestDiffs(ctx, f.QueryID, func(d *store.Diff) { ends[d.QueryID] = d.B.End })
	if err != nil {
		return nil, err
	}
	byID := map[string]*wire.LastingCause{}
	page, seen := store.Page{Limit: causesPage}, 0
	for {
		rows, err := h.service.Diffs(ctx, f, page)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if d.Baseline != "" { // of those on demand the reason is known
				h.addCauses(byID, d, ends[d.QueryID])
			}
		}
		seen += len(rows)
		if len(rows) < page.Limit || seen >= mostCausingDiffs {
			return listOf(byID, len(rows) == page.Limit), nil
		}
		page.After = positionOf(rows[len(rows)-1])
	}
}

// currentCauses are those that the latest windows name, flagged there or lasting from before, however long ago these windows were.
func (h *handlers) currentCauses(ctx context.Context, f store.DiffFilter) (*wire.Causes, error) {
	byID := map[string]*wire.LastingCause{}
	err := h.latestDiffs(ctx, f.QueryID, func(d *store.Diff) { h.addCauses(byID, d, d.B.End) })
	return listOf(byID, false), err
}

// latestDiffs visits the diffs of the latest window of each query, one for each baseline.
func (h *handlers) latestDiffs(ctx context.Context, only string, visit func(*store.Diff)) error {
	for _, q := range h.service.Queries() {
		if only != "" && q.ID != only {
			continue
		}
		if err := h.latestOf(ctx, q.ID, visit); err != nil {
			return err
		}
	}
	return nil
}

func (h *handlers) latestOf(ctx context.Context, query string, visit func(*store.Diff)) error {
	var end time.Time
	page := store.Page{Limit: 20}
	for range mostLatestDiffs / page.Limit {
		rows, err := h.service.Diffs(ctx, store.DiffFilter{QueryID: query}, page)
		if err != nil {
			return err
		}
		for _, d := range rows {
			switch {
			case d.Baseline == "":
			case end.IsZero() || d.B.End.Equal(end):
				end = d.B.End
				visit(d)
			default: // of the window before
				return nil
			}
		}
		if len(rows) < page.Limit {
			return nil
		}
		page.After = positionOf(rows[len(rows)-1])
	}
	return nil
}

func positionOf(d *store.Diff) *store.Position {
	return &store.Position{Time: d.CalculatedAt, ID: d.ID}
}

// listOf puts causes in order, the latest first, as many as fit into an answer.
func listOf(byID map[string]*wire.LastingCause, truncated bool) *wire.Causes {
	found := &wire.Causes{Causes: []wire.LastingCause{}, Truncated: truncated}
	for _, c := range byID {
		found.Causes = append(found.Causes, *c)
	}
	slices.SortFunc(found.Causes, func(a, b wire.LastingCause) int {
		return cmp.Or(b.LastSeen.Compare(a.LastSeen), b.FirstSeen.Compare(a.FirstSeen), cmp.Compare(a.ID, b.ID))
	})
	for i := range found.Causes {
		found.Causes[i].Explains = fitted(found.Causes[i].Explains, mostBytes/64, &found.Truncated)
	}
	found.Causes = fitted(found.Causes, mostBytes, &found.Truncated)
	return found
}

// addCauses adds what a diff names, which is older than those before or of the same window.
func (h *handlers) addCauses(to map[string]*wire.LastingCause, d *store.Diff, latest time.Time) {
	for i := range d.Causes {
		c := &d.Causes[i]
		id := causeID(d.QueryID, c)
		known := to[id]
		if known == nil {
			q := h.service.KnownQuery(d.QueryID)
			known = &wire.LastingCause{
				ID: id, QueryID: d.QueryID, QueryName: q.Name, DiffID: d.ID, FirstSeen: d.B.Start.UTC(), LastSeen: d.B.End.UTC(),
				Current: !d.B.End.Before(latest), Cause: report.CauseOf(&d.Diff, c, report.Clean),
			}
			to[id] = known
		}
		known.Confirmed = known.Confirmed || confirmed(d, c)
		known.FirstSeen = earlier(known.FirstSeen, d.B.Start.UTC())
		if onset := wire.Moment(c.Onset); onset != nil && (known.Onset == nil || onset.Before(*known.Onset)) {
			known.Onset = onset
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// confirmed tells whether a change that the cause explains has lasted for as many windows as the query asks for.
func confirmed(d *store.Diff, c *compare.Cause) bool {
	return slices.ContainsFunc(append([]int{c.Main}, c.Explains...), func(n int) bool {
		s := d.Changes[n].Standing
		return s == compare.Confirmed || s == compare.Lasting
	})
}

// causeID is the same in all windows and under all baselines.
func causeID(query string, c *compare.Cause) string {
	sum := fnv.New128a()
	for _, part := range []string{
		query, c.Service, string(c.Site.Kind), c.Site.Key, c.Site.Service, c.Site.Value, c.Site.CallerService, c.Site.Caller, c.Site.PathID,
		string(c.Measure), string(c.Verdict), string(c.Kind),
	} {
		_, _ = sum.Write([]byte(part))
		_, _ = sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
