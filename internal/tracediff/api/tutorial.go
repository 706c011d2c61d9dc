package api

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// Trace diff grew from a tutorial whose clients it answers as they expect: camelCase, times in seconds since 1970, latencies in µs. All
// that is written so is in this file, beside what the routes answer in the style of package wire. The fields "query" and "name" are the
// same in both.

// TutorialQuery is a query, with the tutorial's fields beside it.
type TutorialQuery struct {
	wire.Query
	CreatedAt   int64    `json:"createdAt"` // seconds since 1970
	GroupByKeys []string `json:"groupByKeys"`
}

// TutorialNewQuery is a query that is to be added, in the tutorial's words or in ours.
type TutorialNewQuery struct {
	wire.NewQuery
	CreatedAt   *int64   `json:"createdAt,omitempty"`   // seconds since 1970; as created_at
	GroupByKeys []string `json:"groupByKeys,omitempty"` // as group_by_keys
}

// TutorialChangedQuery replaces a query, in the tutorial's words or in ours.
type TutorialChangedQuery struct {
	wire.ChangedQuery
	CreatedAt   *int64   `json:"createdAt,omitempty"`   // seconds since 1970; as created_at
	GroupByKeys []string `json:"groupByKeys,omitempty"` // as group_by_keys
}

// TutorialSnapshot is a snapshot, with the tutorial's fields beside it.
type TutorialSnapshot struct {
	wire.Snapshot
	SnapshotID   string `json:"snapshotId"`
	CreatedAt    int64  `json:"createdAt"`    // seconds since 1970
	CompleteTime int64  `json:"completeTime"` // seconds since 1970; of an open one: when it will be
}

// TutorialDiff is a diff, with the tutorial's fields beside it.
type TutorialDiff struct {
	wire.Diff
	LinkA        string            `json:"linkA"` // the older snapshot
	LinkB        string            `json:"linkB"`
	CalculatedAt int64             `json:"calculatedAt"` // seconds since 1970
	Diffs        []TutorialKeyDiff `json:"diffs"`
}

// TutorialKeyDiff says of one key which of its values are new, which are missing, and how much the others differ.
type TutorialKeyDiff struct {
	Key     string              `json:"key"`
	New     []string            `json:"new"`
	Missing []string            `json:"missing"`
	Diffs   []TutorialValueDiff `json:"diffs"`
}

// TutorialValueDiff is a value of a key: the differences, B - A. What they are the differences of stands beside them.
type TutorialValueDiff struct {
	Value      string      `json:"value"`
	Occurrence int64       `json:"occurrence"`  // spans
	AvgLatency *int64      `json:"avg_latency"` // µs; null where one side has no span
	ErrorRatio wire.Number `json:"error_ratio"` // null where one side has no span
	wire.ValueDiff
}

// TutorialDeletedQuery is what was removed.
type TutorialDeletedQuery struct {
	Msg *TutorialQuery `json:"msg"`
}

// TutorialDeletedSnapshot is what was removed.
type TutorialDeletedSnapshot struct {
	Msg *TutorialSnapshot `json:"msg"`
}

// TutorialDeletedDiff is what was removed.
type TutorialDeletedDiff struct {
	Msg *TutorialDiff `json:"msg"` // null of a damaged one
}

// latest is the end of the year 2200, in seconds since 1970: what nanoseconds in 64 bits can hold.
const latest = 7_289_654_399

// unix is a time as the tutorial writes it; 0 where there is none.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func tutorialQuery(q *store.Query) *TutorialQuery {
	w := queryOf(q)
	return &TutorialQuery{w, unix(q.CreatedAt), w.GroupByKeys}
}

func tutorialSnapshot(s wire.Snapshot) *TutorialSnapshot {
	return &TutorialSnapshot{s, s.ID, unix(s.CreatedAt), unix(wire.Time(s.CompleteAt))}
}

func tutorialDiff(d *store.Diff, w *wire.Diff) *TutorialDiff {
	return &TutorialDiff{*w, w.A.Link, w.B.Link, unix(w.CalculatedAt), byKey(d)}
}

// asOurs takes over what a request says in the tutorial's words, and returns what is wrong with that.
func asOurs(q *wire.NewQuery, createdAt *int64, groupByKeys []string) (wrong []string) {
	switch {
	case createdAt == nil:
	case *createdAt < 0 || *createdAt > latest:
		wrong = append(wrong, fmt.Sprintf("createdAt: must be a time in seconds since 1970, got %d", *createdAt))
	case q.CreatedAt == nil:
		at := time.Unix(*createdAt, 0).UTC()
		q.CreatedAt = &at
	case q.CreatedAt.Unix() != *createdAt:
		wrong = append(wrong, fmt.Sprintf("createdAt: must be the same as created_at, or left out, got %d beside %s", *createdAt, q.CreatedAt.Format(time.RFC3339)))
	}
	switch {
	case groupByKeys == nil:
	case q.GroupByKeys == nil:
		q.GroupByKeys = groupByKeys
	case !slices.Equal(q.GroupByKeys, groupByKeys):
		wrong = append(wrong, fmt.Sprintf("groupByKeys: must be the same as group_by_keys, or left out, got %q beside %q", groupByKeys, q.GroupByKeys))
	}
	return wrong
}

// byKey arranges the changes of a diff as the tutorial does. A value is new or missing where that is certain; where too
// little was seen to say so, it stands among the others.
func byKey(d *store.Diff) []TutorialKeyDiff {
	list := []TutorialKeyDiff{}
	for _, key := range d.Keys {
		of := TutorialKeyDiff{Key: key, New: []string{}, Missing: []string{}, Diffs: []TutorialValueDiff{}}
		best := map[snapshot.Identity]*compare.Change{} // by preference one that is about both windows as a whole
		verdicts := map[snapshot.Identity]map[string]wire.Verdict{}
		gone := map[snapshot.Identity]bool{}
		for i := range d.Changes {
			c := &d.Changes[i]
			if !belongs(&c.Identity, key) {
				continue
			}
			switch {
			case c.Flagged && c.Verdict == compare.New:
				of.New, gone[c.Identity] = append(of.New, c.Value), true
			case c.Flagged && c.Verdict == compare.Missing:
				of.Missing, gone[c.Identity] = append(of.Missing, c.Value), true
			}
			if best[c.Identity] == nil || whole(&d.A, &c.A) && whole(&d.B, &c.B) {
				best[c.Identity] = c
			}
			if verdicts[c.Identity] == nil {
				verdicts[c.Identity] = map[string]wire.Verdict{}
			}
			if c.Flagged {
				verdicts[c.Identity][string(c.Measure)] = wire.Verdict(c.Verdict)
			}
		}
		for id, c := range best {
			if !gone[id] {
				of.Diffs = append(of.Diffs, valueOf(d, c, verdicts[id]))
			}
		}
		slices.Sort(of.New)
		slices.Sort(of.Missing)
		of.New, of.Missing = slices.Compact(of.New), slices.Compact(of.Missing)
		slices.SortFunc(of.Diffs, func(x, y TutorialValueDiff) int {
			return cmp.Or(cmp.Compare(max(y.A.Spans, y.B.Spans), max(x.A.Spans, x.B.Spans)),
				strings.Compare(x.Value, y.Value), strings.Compare(x.Service, y.Service))
		})
		list = append(list, of)
	}
	return list
}

func valueOf(d *store.Diff, c *compare.Change, verdicts map[string]wire.Verdict) TutorialValueDiff {
	a, b := scaled(&d.A, &c.A), scaled(&d.B, &c.B)
	v := TutorialValueDiff{
		Value: c.Value, Occurrence: int64(b.Spans) - int64(a.Spans),
		ValueDiff: wire.ValueDiff{A: valueSideOf(&a), B: valueSideOf(&b), Verdicts: verdicts},
	}
	v.ErrorRatio = v.B.ErrorShare - v.A.ErrorShare
	if c.Kind == snapshot.Operation {
		v.Service = c.Service
	}
	a, b = report.Known(&a), report.Known(&b)
	if delta := microseconds(b.Mean) - microseconds(a.Mean); !math.IsNaN(delta) {
		floor := int64(delta)
		v.AvgLatency = &floor
	}
	return v
}

// microseconds are the whole ones of a duration in ns.
func microseconds(ns float64) float64 { return math.Floor(ns / float64(time.Microsecond)) }
