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

// mostCausingDiffs bounds how many flagged diffs are looked through, the latest ones.
const mostCausingDiffs = 500

func (h *handlers) listCauses(r *http.Request) (reply, error) {
	p := parametersOf(r, "query", "from", "to")
	f := store.DiffFilter{QueryID: p.Text("query"), From: p.time("from"), To: p.time("to"), Flagged: true}
	if err := p.Err(); err != nil {
		return reply{}, err
	}
	found, err := h.findCauses(r.Context(), f)
	return reply{body: found}, err
}

// findCauses goes through the diffs, the latest first.
func (h *handlers) findCauses(ctx context.Context, f store.DiffFilter) (*wire.Causes, error) {
	current, err := h.latestWindows(ctx, f.QueryID)
	if err != nil {
		return nil, err
	}
	byID := map[string]*wire.LastingCause{}
	page, seen := store.Page{Limit: 50}, 0
	for {
		rows, err := h.service.Diffs(ctx, f, page)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if d.Baseline != "" { // of those on demand the reason is known
				h.addCauses(byID, d, current[d.QueryID])
			}
		}
		seen += len(rows)
		if len(rows) < page.Limit || seen >= mostCausingDiffs {
			found := &wire.Causes{Causes: []wire.LastingCause{}, Truncated: len(rows) == page.Limit}
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
			return found, nil
		}
		last := rows[len(rows)-1]
		page.After = &store.Position{Time: last.CalculatedAt, ID: last.ID}
	}
}

// latestWindows is the end of the latest window of each query that was compared.
func (h *handlers) latestWindows(ctx context.Context, only string) (map[string]time.Time, error) {
	ends := map[string]time.Time{}
	for _, q := range h.service.Queries() {
		if only != "" && q.ID != only {
			continue
		}
		rows, err := h.service.Diffs(ctx, store.DiffFilter{QueryID: q.ID}, store.Page{Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if d.Baseline != "" && d.B.End.After(ends[q.ID]) {
				ends[q.ID] = d.B.End
			}
		}
	}
	return ends, nil
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
