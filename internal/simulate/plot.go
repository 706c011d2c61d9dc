package simulate

import (
	"fmt"
	"math"
	"strings"
)

const (
	plotRows  = 12
	plotWidth = 2 * mostBuckets // columns
	eighths   = 8               // block characters fill a cell by eighths
	// foot is how high a count of one stands, in decades: it must be seen.
	foot = 0.35
)

// blocks fill a cell from below.
var blocks = [eighths + 1]rune{' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'}

// plot draws a histogram with both axes logarithmic: what was retained filled, what was observed as an outline around it.
type plot struct {
	buckets []Bucket
	wide    int     // columns of a bucket
	decades float64 // height of the axis
	cells   [][]rune
}

func writePlot(b *strings.Builder, buckets []Bucket) {
	if len(buckets) == 0 {
		return
	}
	most := 1
	for _, k := range buckets {
		most = max(most, k.Observed)
	}
	p := plot{buckets: buckets, wide: min(8, max(2, plotWidth/len(buckets))), decades: math.Log10(float64(most)) + foot}
	for range plotRows {
		row := make([]rune, p.wide*len(buckets))
		for i := range row {
			row[i] = ' '
		}
		p.cells = append(p.cells, row)
	}
	for i := range buckets {
		p.draw(i)
	}
	labels := p.countLabels(most)
	for r := plotRows - 1; r >= 0; r-- {
		fmt.Fprintf(b, "%7s ┤%s\n", labels[r], strings.TrimRight(string(p.cells[r]), " "))
	}
	p.writeTimes(b)
}

// level is the height of a count in eighths of a row.
func (p *plot) level(count int) int {
	if count <= 0 {
		return 0
	}
	return max(1, int(math.Round((math.Log10(float64(count))+foot)/p.decades*plotRows*eighths)))
}

// top is the row in which a count ends, -1 for none.
func (p *plot) top(i int) int {
	if i < 0 || i >= len(p.buckets) {
		return -1
	}
	return (p.level(p.buckets[i].Observed)+eighths-1)/eighths - 1
}

func (p *plot) draw(i int) {
	left, right := i*p.wide, (i+1)*p.wide-1
	top, before, after := p.top(i), p.top(i-1), p.top(i+1)
	for c := left; c <= right && top >= 0; c++ {
		p.cells[top][c] = '─'
	}
	p.side(left, top, before, '┌')
	p.side(right, top, after, '┐')
	filled := p.level(p.buckets[i].Retained)
	for r := range plotRows {
		if n := min(eighths, filled-r*eighths); n > 0 {
			for c := left; c <= right; c++ {
				p.cells[r][c] = blocks[n]
			}
		}
	}
}

// side draws the edge of a bucket down to the top of its neighbour.
func (p *plot) side(column, top, neighbour int, corner rune) {
	if top <= neighbour {
		return
	}
	p.cells[top][column] = corner
	for r := top - 1; r > neighbour; r-- {
		p.cells[r][column] = '│'
	}
}

// countLabels names the powers of ten, by row.
func (p *plot) countLabels(most int) [plotRows]string {
	var l [plotRows]string
	for n := 1; n <= most; n *= 10 {
		l[min(plotRows-1, (p.level(n)-1)/eighths)] = grouped(n)
	}
	return l
}

// writeTimes writes the time axis, with a label where a bucket begins a power of ten.
func (p *plot) writeTimes(b *strings.Builder) {
	width := p.wide * len(p.buckets)
	axis, names := []rune(strings.Repeat("─", width)), []rune(strings.Repeat(" ", width+8))
	free := 0
	for i, k := range p.buckets {
		e := math.Log10(k.From)
		if math.Abs(e-math.Round(e)) > 1e-6 {
			continue
		}
		at := i * p.wide
		axis[at] = '┬'
		name := []rune(shortSeconds(math.Round(e)))
		if at >= free {
			copy(names[at:], name)
			free = at + len(name) + 1
		}
	}
	fmt.Fprintf(b, "%7s └%s\n", "", string(axis))
	fmt.Fprintf(b, "%9s%s\n", "", strings.TrimRight(string(names), " "))
}

// shortSeconds writes a power of ten of seconds.
func shortSeconds(exponent float64) string {
	for _, u := range [...]struct {
		exponent float64
		name     string
	}{{0, "s"}, {-3, "ms"}, {-6, "us"}} {
		if exponent >= u.exponent {
			return fmt.Sprintf("%.0f %s", math.Pow(10, exponent-u.exponent), u.name)
		}
	}
	return fmt.Sprintf("1e%.0f s", exponent)
}
