package simulate

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// grouped writes 1234567 as 1,234,567.
func grouped(n int) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// rounded writes a count that need not be whole.
func rounded(v float64) string { return grouped(int(math.Round(v))) }

// percent writes a share with three digits.
func percent(share float64) string {
	v := math.Round(1e6*share) / 1e4
	digits := 1
	switch {
	case v == 0 || v >= 100 && v == math.Trunc(v):
		digits = 0
	case v < 1 && v > -1 || v > 99 && v < 100:
		digits = 2
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " %"
}

// seconds writes a duration given in seconds with three digits and a unit that suits it.
func seconds(v float64) string { return secondsTo(3, v) }

// secondsTo writes a duration with a number of digits, or as many as stand before the point.
func secondsTo(digits int, v float64) string {
	units := [...]struct {
		size float64
		name string
	}{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}
	if v == 0 {
		return "0 s"
	}
	for _, u := range units {
		least := u.size
		if u.size > 1 {
			least *= 2 // 90 s, not 1.5 min
		}
		if v >= least || u.size == 1e-9 {
			return toDigits(digits, v/u.size) + " " + u.name
		}
	}
	return ""
}

// digits3 writes a number with three digits, or as many as stand before the point.
func digits3(v float64) string { return toDigits(3, v) }

func toDigits(digits int, v float64) string {
	before := 1
	for x := 10.0; v >= x; x *= 10 {
		before++
	}
	return strconv.FormatFloat(v, 'f', max(0, digits-before), 64)
}

// signed writes how many standard errors an estimate is off.
func signed(z float64) string {
	s := strconv.FormatFloat(z, 'f', 1, 64)
	switch {
	case s == "-0.0":
		return "0.0"
	case z > 0 && s != "0.0":
		return "+" + s
	}
	return s
}

// counted is a number and its noun, plural where it must be.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// span of time in a sentence.
func lasting(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}
