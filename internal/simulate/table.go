package simulate

import (
	"strings"
	"unicode/utf8"

	"github.com/assayhq/assay/internal/terminal"
)

// table lines columns up: the first to the left, the others to the right, unless their heading ends with a
// space. Without any heading there is no line of them.
type table struct {
	heads []string
	rows  [][]string
}

func newTable(heads ...string) *table { return &table{heads: heads} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// fit shortens the texts of a column so that the table is no wider than width, where that leaves it legible.
func (t *table) fit(column, width int) {
	const legible = 12
	own, others := 0, -2
	for i := range t.heads {
		most := 0
		for _, r := range append([][]string{t.heads}, t.rows...) {
			most = max(most, utf8.RuneCountInString(strings.TrimRight(r[i], " ")))
		}
		if i == column {
			own = most
			others += 2
			continue
		}
		others += most + 2
	}
	if room := max(legible, width-others); own > room {
		for _, r := range t.rows {
			r[column] = terminal.Printable(r[column], room)
		}
	}
}

// write writes the table, two spaces between columns.
func (t *table) write(b *strings.Builder) {
	widths := make([]int, len(t.heads))
	for _, r := range append([][]string{t.heads}, t.rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimRight(c, " ")))
		}
	}
	rows := t.rows
	if strings.TrimSpace(strings.Join(t.heads, "")) != "" {
		rows = append([][]string{t.heads}, t.rows...)
	}
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			c = strings.TrimRight(c, " ")
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i > 0 {
				line.WriteString("  ")
			}
			if i == 0 || strings.HasSuffix(t.heads[i], " ") {
				line.WriteString(c + pad)
			} else {
				line.WriteString(pad + c)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
}
