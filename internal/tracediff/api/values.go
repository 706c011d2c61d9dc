package api

import (
	"math"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/report"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/wire"
)

// belongs tells whether a group is a value of a key.
func belongs(id *snapshot.Identity, key string) bool {
	switch key {
	case "service":
		return id.Kind == snapshot.Service
	case "operation":
		return id.Kind == snapshot.Operation
	}
	return id.Kind == snapshot.Attribute && id.Key == key
}

func valueSideOf(a *compare.Absolute) wire.ValueSide {
	k := report.Known(a)
	return wire.ValueSide{Spans: k.Spans, MeanSeconds: report.Seconds(k.Mean), ErrorShare: wire.Number(k.ErrorShare)}
}

// secondsOf is how long a group was looked at on one side.
func secondsOf(a *compare.Absolute) float64 { return a.Weight / a.Rate }

// whole tells whether the figures of a side are about its window. Those of a change that began or ended inside of a window are about a part
// of it, and those of one that lasts, or shows against earlier windows only, are about several windows.
func whole(s *compare.Side, a *compare.Absolute) bool {
	return !(a.Rate > 0) || math.Abs(secondsOf(a)/s.End.Sub(s.Start).Seconds()-1) < 1e-6
}

// scaled is a side of which the spans are counted as if the whole window had been like what the figures are about.
func scaled(s *compare.Side, a *compare.Absolute) compare.Absolute {
	to := *a
	if !whole(s, a) {
		to.Spans = uint64(math.Round(float64(a.Spans) * s.End.Sub(s.Start).Seconds() / secondsOf(a)))
	}
	return to
}
