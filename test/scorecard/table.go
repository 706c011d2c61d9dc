package scorecard

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Table is a Markdown table.
type Table struct{ text strings.Builder }

// NewTable makes a table with its heads.
func NewTable(heads ...string) *Table {
	t := &Table{}
	t.Row(heads...)
	t.text.WriteString("|" + strings.Repeat("---|", len(heads)) + "\n")
	return t
}

// Row adds a line.
func (t *Table) Row(cells ...string) { t.text.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

// String is the table without a last line feed.
func (t *Table) String() string { return strings.TrimSuffix(t.text.String(), "\n") }

// Number writes a number with so many decimals.
func Number(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

// Percent writes a share as a percentage with so many decimals.
func Percent(share float64, decimals int) string { return Number(100*share, decimals) + " %" }

// Machine says what the figures were measured on, as far as the system tells it.
func Machine() string {
	name := ""
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = ", " + strings.TrimSpace(value)
				break
			}
		}
	}
	return strconv.Itoa(runtime.NumCPU()) + " cores" + name + ". " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
}
