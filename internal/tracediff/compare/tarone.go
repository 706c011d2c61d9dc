package compare

import "slices"

// attainables leaves those tests of a family that could be flagged at all. A discrete test has a smallest p that it can give,
// however its counts turn out; where that is too large for the family, the test takes part in nothing and costs the others
// nothing. The rule is R. E. Tarone's (Biometrics 46, 1990), for false discovery rates P. B. Gilbert's (JRSS C 54, 2005): take
// the smallest k with at most k tests that attain level/k.
func attainables(found []finding, tests []int, level float64) []int {
	least := make([]float64, len(tests))
	for i, t := range tests {
		least[i] = found[t].attainable
	}
	slices.Sort(least)
	k := 1
	for ; k < len(tests); k++ {
		if n, _ := slices.BinarySearch(least, level/float64(k)*(1+1e-12)); n <= k {
			break
		}
	}
	var left []int
	for _, t := range tests {
		if found[t].attainable <= level/float64(k) {
			left = append(left, t)
		}
	}
	return left
}
