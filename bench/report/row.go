// Package report turns figures into tables.
package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Row is one line of a table: what two samplers took, round by round.
type Row struct {
	Title  string
	Unit   string
	Smart  []float64 // one a round
	Tail   []float64
	Beside string // what else belongs to the line, such as the same without a sampler
	Target Target
}

// Target is what a row should reach.
type Target struct {
	Text string
	// Met judges the medians; nil where there is no target. ratio is Smart over Tail.
	Met func(smart, ratio float64) bool
}

// RatioAtMost is met if Smart takes at most that share of what Tail does.
func RatioAtMost(share float64, text string) Target {
	return Target{text, func(_, ratio float64) bool { return ratio <= share }}
}

// AtMost is met if Smart is at most limit.
func AtMost(limit float64, text string) Target {
	return Target{text, func(smart, _ float64) bool { return smart <= limit }}
}

// AtLeast is met if Smart is at least limit.
func AtLeast(limit float64, text string) Target {
	return Target{text, func(smart, _ float64) bool { return smart >= limit }}
}

// Median of the rounds; NaN without any.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// ratio is the median of the ratios round by round: what disturbs the machine for a while disturbs both.
func (r *Row) ratio() float64 {
	var ratios []float64
	for i := range min(len(r.Smart), len(r.Tail)) {
		ratios = append(ratios, r.Smart[i]/r.Tail[i])
	}
	return Median(ratios)
}

func (r *Row) cells() []string {
	ratio := r.ratio()
	verdict := ""
	if r.Target.Met != nil {
		verdict = "missed"
		if r.Target.Met(Median(r.Smart), ratio) {
			verdict = "met"
		}
	}
	return []string{r.Title, Number(Median(r.Smart)) + spread(r.Smart), Number(Median(r.Tail)) + spread(r.Tail), r.Unit, Number(ratio), r.Beside, r.Target.Text, verdict}
}

// Number writes three significant digits, and whole numbers in full.
func Number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "-"
	case a >= 1000:
		return thousands(int64(math.Round(v)))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 1 || a == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// spread is the range of several rounds.
func spread(v []float64) string {
	if len(v) < 2 {
		return ""
	}
	return " (" + Number(slices.Min(v)) + " to " + Number(slices.Max(v)) + ")"
}

// Table writes rows as a Markdown table that reads well as it is. Columns that hold nothing are left out.
func Table(rows []Row) string { return TableOf("smart_tail_sampling", "tail_sampling", rows) }

// TableOf is Table for two other subjects.
func TableOf(ours, theirs string, rows []Row) string {
	heads := []string{"", ours, theirs, "unit", "ratio", "beside", "target", ""}
	lines := [][]string{heads}
	for i := range rows {
		lines = append(lines, rows[i].cells())
	}
	width := make([]int, len(heads))
	for _, line := range lines[1:] {
		for i, cell := range line {
			if cell != "" {
				width[i] = max(width[i], len(cell), len(heads[i]))
			}
		}
	}
	var b strings.Builder
	for n, line := range lines {
		writeLine(&b, line, width, ' ')
		if n == 0 {
			writeLine(&b, make([]string, len(line)), width, '-')
		}
	}
	return b.String()
}

func writeLine(b *strings.Builder, cells []string, width []int, fill rune) {
	for i, cell := range cells {
		if width[i] > 0 {
			fmt.Fprintf(b, "|%c%s%s%c", fill, cell, strings.Repeat(string(fill), width[i]-len(cell)), fill)
		}
	}
	b.WriteString("|\n")
}
