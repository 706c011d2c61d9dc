package api

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// keyBody says of one key which of its values are new, which are missing, and how much the others differ.
type keyBody struct {
	Key     string      `json:"key"`
	New     []string    `json:"new"`
	Missing []string    `json:"missing"`
	Diffs   []valueBody `json:"diffs"`
}

// valueBody is a value of a key: the differences, B - A, and what they are the differences of.
type valueBody struct {
	Value      string  `json:"value"`
	Occurrence int64   `json:"occurrence"`        // spans
	AvgLatency *int64  `json:"avg_latency"`       // µs; null where one side has no span
	ErrorRatio number  `json:"error_ratio"`       // the same
	Service    string  `json:"service,omitempty"` // of an operation
	A          measure `json:"a"`
	B          measure `json:"b"`

	Verdicts map[string]string `json:"verdicts"` // by measure; those that are flagged
}

type measure struct {
	Occurrence uint64 `json:"occurrence"`
	AvgLatency number `json:"avg_latency"`
	ErrorRatio number `json:"error_ratio"`
}

func measureOf(a *compare.Absolute) measure {
	k := report.Known(a)
	return measure{k.Spans, microseconds(k.Mean), number(k.ErrorShare)}
}

// byKey arranges the changes of a diff as the tutorial does. A value is new or missing where that is certain; where too
// little was seen to say so, it stands among the others.
func byKey(d *store.Diff) []keyBody {
	list := []keyBody{}
	for _, key := range d.Keys {
		of := keyBody{Key: key, New: []string{}, Missing: []string{}, Diffs: []valueBody{}}
		whole := map[snapshot.Identity]*compare.Change{} // the one that says most of both windows
		verdicts := map[snapshot.Identity]map[string]string{}
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
			if have := whole[c.Identity]; have == nil || partial(c) < partial(have) {
				whole[c.Identity] = c
			}
			if verdicts[c.Identity] == nil {
				verdicts[c.Identity] = map[string]string{}
			}
			if c.Flagged {
				verdicts[c.Identity][string(c.Measure)] = string(c.Verdict)
			}
		}
		for id, c := range whole {
			if !gone[id] {
				of.Diffs = append(of.Diffs, valueOf(c, verdicts[id]))
			}
		}
		slices.Sort(of.New)
		slices.Sort(of.Missing)
		of.New, of.Missing = slices.Compact(of.New), slices.Compact(of.Missing)
		slices.SortFunc(of.Diffs, func(x, y valueBody) int {
			return cmp.Or(cmp.Compare(max(y.A.Occurrence, y.B.Occurrence), max(x.A.Occurrence, x.B.Occurrence)),
				strings.Compare(x.Value, y.Value), strings.Compare(x.Service, y.Service))
		})
		list = append(list, of)
	}
	return list
}

func belongs(id *snapshot.Identity, key string) bool {
	switch key {
	case "service":
		return id.Kind == snapshot.Service
	case "operation":
		return id.Kind == snapshot.Operation
	}
	return id.Kind == snapshot.Attribute && id.Key == key
}

// partial says how little of both windows the figures of a change are about: those of one that began or ended inside of a window are
// about a part of it, and those of one that lasts are about the windows before it.
func partial(c *compare.Change) int {
	switch {
	case c.Standing == compare.Lasting || c.Standing == compare.Cleared:
		return 2
	case !c.Onset.IsZero() || !c.Ended.IsZero():
		return 1
	}
	return 0
}

func valueOf(c *compare.Change, verdicts map[string]string) valueBody {
	v := valueBody{
		Value: c.Value, A: measureOf(&c.A), B: measureOf(&c.B), Occurrence: int64(c.B.Spans) - int64(c.A.Spans), Verdicts: verdicts,
	}
	v.ErrorRatio = v.B.ErrorRatio - v.A.ErrorRatio
	if c.Kind == snapshot.Operation {
		v.Service = c.Service
	}
	if delta := math.Floor(float64(v.B.AvgLatency)) - math.Floor(float64(v.A.AvgLatency)); !math.IsNaN(delta) {
		floor := int64(delta)
		v.AvgLatency = &floor
	}
	return v
}
