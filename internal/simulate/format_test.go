package simulate

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/terminal"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ want, got string }{
		{"0", grouped(0)},
		{"999", grouped(999)},
		{"1,234,567", grouped(1234567)},
		{"-12,345", grouped(-12345)},
		{"1,235", rounded(1234.6)},
		{"0 %", percent(0)},
		{"0.25 %", percent(0.0025)},
		{"5.0 %", percent(0.05)},
		{"33.3 %", percent(1.0 / 3)},
		{"99.99 %", percent(0.9999)},
		{"100 %", percent(1)},
		{"100 %", percent(1 - 1e-15)},
		{"0 s", seconds(0)},
		{"1.00 ns", seconds(1e-9)},
		{"340 us", seconds(340e-6)},
		{"12.3 ms", seconds(0.0123)},
		{"1.50 s", seconds(1.5)},
		{"90.0 s", seconds(90)},
		{"2.50 min", seconds(150)},
		{"3.00 h", seconds(3 * 3600)},
		{"19.0 d", seconds(19 * 86400)},
		{"13 ms", secondsTo(2, 0.0131)},
		{"1.2 s", secondsTo(2, 1.2)},
		{"0.05", digits3(0.05)[:4]},
		{"12,345", rounded(12345)},
		{"0.0", signed(0.04)},
		{"0.0", signed(-0.04)},
		{"+1.2", signed(1.24)},
		{"-3.1", signed(-3.14)},
		{"1 trace", counted(1, "trace")},
		{"0 traces", counted(0, "trace")},
		{"1m30s", lasting(90)},
		{"1 s", shortSeconds(0)},
		{"10 ms", shortSeconds(-2)},
		{"100 us", shortSeconds(-4)},
		{"1000 s", shortSeconds(3)},
		{"short", terminal.Printable("short", 5)},
		{"long…", terminal.Printable("longer", 5)},
		{"?[31mx?", terminal.Printable("\x1b[31mx\n", 20)},
		{"?", terminal.Printable("\xff", 3)},
	} {
		assert.Equal(t, c.want, c.got)
	}
}

func TestTableFits(t *testing.T) {
	tab := newTable("a", "b ", "c")
	tab.row("1", strings.Repeat("x", 50), "3")
	tab.row("2", "y", "4")
	tab.fit(1, 30)
	var b strings.Builder
	tab.write(&b)
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	assert.Len(t, lines, 3)
	assert.Len(t, []rune(lines[1]), 30)
	assert.True(t, strings.HasSuffix(lines[2], " 4"))
}

func TestPlotOfExtremes(t *testing.T) {
	for _, buckets := range [][]Bucket{
		{{From: 1, To: 10, Observed: 1, Retained: 1}},
		{{From: 1, To: 10, Observed: 1}, {From: 10, To: 100}, {From: 100, To: 1000, Observed: math.MaxInt32, Retained: 1}},
		make([]Bucket, mostBuckets),
	} {
		var b strings.Builder
		writePlot(&b, buckets)
		assert.Equal(t, plotRows+2, strings.Count(b.String(), "\n"))
	}
}
