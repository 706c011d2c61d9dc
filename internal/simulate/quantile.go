package simulate

import (
	"cmp"
	"slices"
)

// distribution is values with the traces that they stand for.
type distribution struct {
	entries []entry // sorted by value once sealed
	all     total
}

type entry struct {
	value float64
	drawn drawn
}

func (d *distribution) add(value float64, t drawn) {
	d.entries = append(d.entries, entry{value, t})
	d.all.add(t, 1)
}

// addOne adds a value of which nothing was left to chance.
func (d *distribution) addOne(value float64) { d.add(value, drawn{weight: 1, p: 1}) }

func (d *distribution) seal() {
	slices.SortFunc(d.entries, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
}

// quantile is the smallest value at or below which a share q of the weight lies; 0 when empty.
func (d *distribution) quantile(q float64) float64 {
	if len(d.entries) == 0 {
		return 0
	}
	var below float64
	for _, e := range d.entries {
		below += e.drawn.weight
		if below >= q*d.all.value*(1-1e-12) {
			return e.value
		}
	}
	return d.entries[len(d.entries)-1].value
}

// interval gives the 95 % interval of a quantile: all values x for which it is plausible that a share q of the traces is at
// or below x (test inversion as of Francisco and Fuller 1991). It is open upwards where that is plausible of the largest
// value too, and begins at 0 where it is plausible of less than the smallest.
func (d *distribution) interval(q float64) (low, high float64, open bool) {
	if len(d.entries) == 0 {
		return 0, 0, true
	}
	found := plausible(&total{}, &d.all, &d.all, q)
	var below total
	for i, e := range d.entries {
		below.add(e.drawn, 1)
		if i+1 < len(d.entries) && d.entries[i+1].value == e.value {
			continue
		}
		rest := d.all.without(&below)
		ok := plausible(&below, &rest, &d.all, q)
		past := below.value >= q*d.all.value
		if !found && (ok || past) {
			low, found = e.value, true
		}
		if past && !ok {
			return low, e.value, false
		}
	}
	return low, d.entries[len(d.entries)-1].value, true
}

// quantileEstimate compares a quantile of what was kept with that of the truth. StdErr is that of a normal distribution
// with this interval.
func quantileEstimate(kept, truth *distribution, q float64) Estimate {
	e := Estimate{Truth: truth.quantile(q), Value: kept.quantile(q), Kept: len(kept.entries)}
	e.Low, e.High, e.Open = kept.interval(q)
	e.StdErr = (e.High - e.Low) / (2 * z95)
	return e
}
