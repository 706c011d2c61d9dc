package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// plainly finds the part of a side that deviates most from the mean of the other side, by adding up each of them.
func plainly(s *scanner, side int, parts func(slices int) []stretch) (best stretch, found bool) {
	other := 1 - side
	sum := func(v [mostSlices]float64, from, until int) (total float64) {
		for _, x := range v[from:until] {
			total += x
		}
		return total
	}
	mean := sum(s.n[other], 0, mostSlices) / sum(s.d[other], 0, mostSlices)
	deviation := func(side, i int) float64 { return s.n[side][i] - mean*s.d[side][i] }
	var squares, steps float64
	for i := range s.slices[other] {
		squares += deviation(other, i) * deviation(other, i)
	}
	for i := 1; i < s.slices[side]; i++ {
		steps += math.Pow(deviation(side, i)-deviation(side, i-1), 2) / 2
	}
	weight := sum(s.d[side], 0, mostSlices)
	variance := squares / sum(s.d[other], 0, mostSlices)
	if weight > 0 {
		variance = max(variance, steps/weight)
	}
	most := float64(worthTest)
	of := func(from, until int) (w, total float64) {
		for i := from; i < until; i++ {
			total += deviation(side, i)
		}
		return sum(s.d[side], from, until), total
	}
	for _, p := range parts(s.slices[side]) {
		w, total := of(int(p.from), int(p.until))
		if q := total * total / (w * variance); w > 0 && q > most*(1+1e-9) {
			most, best = q, p
		}
	}
	if !(most > worthTest) {
		return stretch{}, false
	}
	w, total := of(int(best.from), int(best.until))
	_, all := of(0, s.slices[side])
	return best, weight-w > 1e-9 && (all-total)/(weight-w)/(total/w) < mostOfRest
}

// Cumulative sums, bounds and what is left out because of them find the same part as adding up every one of them.
func TestPartsAreThoseThatDeviateMost(t *testing.T) {
	ends := func(slices int) (list []stretch) {
		for i := 1; i <= slices-leastSlices; i++ {
			list = append(list, stretch{1, uint32(i), uint32(slices)})
		}
		return list
	}
	beginnings := func(slices int) (list []stretch) {
		for i := leastSlices; i < slices; i++ {
			list = append(list, stretch{0, 0, uint32(i)})
		}
		return list
	}
	between := func(slices int) (list []stretch) {
		for length := leastSlices; length < slices-1; length++ {
			for i := 1; i+length < slices; i++ {
				list = append(list, stretch{1, uint32(i), uint32(i + length)})
			}
		}
		return list
	}
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := &scanner{slices: [2]int{rapid.IntRange(8, 20).Draw(t, "slices of A"), rapid.IntRange(8, 20).Draw(t, "slices of B")}}
		from := rapid.IntRange(0, 19).Draw(t, "from")
		until := rapid.IntRange(from, 20).Draw(t, "until")
		by := rapid.SampledFrom([]float64{0, 0.3, 1, 3}).Draw(t, "by")
		turned := rapid.IntRange(0, 1).Draw(t, "side")
		for side, slices := range s.slices {
			for i := range slices {
				d := float64(rapid.IntRange(15, 30).Draw(t, "weight"))
				mean := 5 + rapid.Float64Range(-0.5, 0.5).Draw(t, "mean")
				if side == turned && from <= i && i < until {
					mean += by
				}
				s.n[side][i], s.d[side][i] = d*mean, d
				s.total[side] += s.n[side][i]
				s.weight[side] += d
			}
		}
		if s.weight[0] == 0 || s.weight[1] == 0 {
			return
		}
		for _, tt := range []struct {
			name  string
			side  int
			parts func(int) []stretch
			find  func(*deviations) (stretch, bool)
		}{
			{"end", 1, ends, (*deviations).end},
			{"beginning", 0, beginnings, (*deviations).beginning},
			{"between", 1, between, (*deviations).between},
		} {
			want, found := plainly(s, tt.side, tt.parts)
			v := s.deviations(tt.side)
			got, ok := stretch{}, false
			if v.worthwhile() {
				got, ok = tt.find(v)
			}
			assert.Equal(t, found, ok, tt.name)
			if found && ok {
				assert.Equal(t, want, got, tt.name)
				seen[tt.name]++
			}
		}
	})
	if !testing.Short() { // which tries a few
		assert.Len(t, seen, 3, "each kind of part was found: %v", seen)
	}
}
