package scorecard

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each command replaces its own part, and leaves alone what others and people have written.
func TestPartsOfAPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	write := func(name, got string, met bool) {
		p := Part{Name: name}
		p.Target(met, "recall", "all", "%s", got)
		p.Section("Recall", "as it is", NewTable("a", "b").String())
		require.NoError(t, p.Write(page, "Measured."))
	}
	require.NoError(t, os.WriteFile(page, []byte("# Page\n\nby hand\n"), 0o600))
	write("one", "90 %", false)
	write("two", "100 %", true)
	write("one", "99 %", false)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, `# Page

by hand

<!-- one: begin -->
## one

Measured.

### Targets of one

| figure | target | measured |  |
|---|---|---|---|
| recall | all | 99 % | **missed** |

### Recall

as it is

| a | b |
|---|---|
<!-- one: end -->

<!-- two: begin -->
## two

Measured.

### Targets of two

| figure | target | measured |  |
|---|---|---|---|
| recall | all | 100 % | met |

### Recall

as it is

| a | b |
|---|---|
<!-- two: end -->
`, string(text))

	fresh := filepath.Join(t.TempDir(), "fresh.md")
	require.NoError(t, (&Part{Name: "x"}).Write(fresh, "Nothing."))
	require.Error(t, (&Part{Name: "x"}).Write(filepath.Join(fresh, "below"), ""))
}

func TestNumbers(t *testing.T) {
	assert.Equal(t, "1.50", Number(1.5, 2))
	assert.Equal(t, "12.3 %", Percent(0.1234, 1))
	assert.Regexp(t, `^\d+ cores.*go1`, Machine())
}
