package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// duration writes seconds with three digits and a unit.
func duration(seconds float64) string {
	switch ns := seconds * 1e9; {
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

// unknown stands for a number that is not known.
const unknown = "-"

// known writes a number, if it is known.
func known(v float64, write func(float64) string) string {
	if math.IsNaN(v) {
		return unknown
	}
	return write(v)
}

// between writes what something was and what it is; a unit that both have is written once.
func between(before, after string) string {
	value, unit, ok := strings.Cut(before, " ")
	if _, other, _ := strings.Cut(after, " "); ok && unit == other {
		before = value
	}
	return before + " -> " + after
}

// calls writes a number of calls per trace.
func calls(v float64) string { return digits(v) + " a trace" }

// traces writes a number of traces.
func traces(n uint64) string {
	if n == 1 {
		return "1 trace"
	}
	return count(n) + " traces"
}

// signed writes a difference of shares, in percentage points.
func signed(d float64) string { return fmt.Sprintf("%+.2f", 100*d) }

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
	if math.IsNaN(q) {
		return unknown
	}
	if q < 1e-4 {
		return "<0.0001"
	}
	return strconv.FormatFloat(q, 'g', 2, 64)
}
