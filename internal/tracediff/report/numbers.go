package report

import (
	"math"
	"strconv"
	"strings"
)

// duration writes ns with three digits and a unit.
func duration(ns float64) string {
	switch {
	case !(ns > 0):
		return "0"
	case ns < 999.5:
		return digits(ns) + " ns"
	case ns < 999.5e3:
		return digits(ns/1e3) + " us"
	case ns < 999.5e6:
		return digits(ns/1e6) + " ms"
	default:
		return digits(ns/1e9) + " s"
	}
}

// percentage writes a share.
func percentage(share float64) string {
	if share != 0 && math.Abs(share) < 0.0001 {
		return "<0.01 %"
	}
	return strconv.FormatFloat(100*share, 'f', decimals(100*share), 64) + " %"
}

// points writes a difference of shares, in percentage points.
func points(d float64) string {
	return strconv.FormatFloat(100*d, 'f', 2, 64)
}

// ratio writes a factor.
func ratio(r float64) string {
	switch {
	case !(r < 1e4):
		return "x10000 and more"
	case r < 0.1:
		return "x" + strconv.FormatFloat(r, 'g', 2, 64)
	}
	return "x" + strconv.FormatFloat(r, 'f', 2, 64)
}

// digits writes three significant digits.
func digits(v float64) string { return strconv.FormatFloat(v, 'f', decimals(v), 64) }

func decimals(v float64) int {
	switch v = math.Abs(v); {
	case v >= 99.95:
		return 0
	case v >= 9.995:
		return 1
	default:
		return 2
	}
}

// count writes a number with thousands separated.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// certainty writes a false discovery rate.
func certainty(q float64) string {
	if q < 1e-4 {
		return "<0.0001"
	}
	return strconv.FormatFloat(q, 'g', 2, 64)
}
