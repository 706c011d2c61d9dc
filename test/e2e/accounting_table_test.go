package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeReliability writes the table into docs/reliability.md, between its marks.
func writeReliability(t *testing.T, path string, rows map[string]string) {
	t.Helper()
	const begin, end = "<!-- accounting: begin -->\n", "<!-- accounting: end -->"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found, "%s has no mark", path)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "%s has no mark", path)
	table := []string{
		"| What happens | lasted | answered with success | refused | delivered | dropped | late, dropped | lost | twice |",
		"|---|---|---|---|---|---|---|---|---|",
	}
	for _, s := range scenarios {
		if row, ok := rows[s.name]; ok { // else it was skipped
			table = append(table, row)
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(before+begin+strings.Join(table, "\n")+"\n"+end+after), 0o644))
}
