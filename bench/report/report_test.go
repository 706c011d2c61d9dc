package report

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, Median([]float64{9, 1, 2}), 0)
	require.InDelta(t, 1.5, Median([]float64{2, 1}), 0)
	require.True(t, math.IsNaN(Median(nil)))
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.00", 0.16666: "0.167", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 999.6: "1000", 1234.5: "1,235", 1234567: "1,234,567", -4321: "-4,321", math.Inf(1): "-",
	} {
		require.Equal(t, want, Number(v))
	}
}

// The ratio is that of each round: a machine that is half as fast in one round does not change it.
func TestRatioIsTakenRoundByRound(t *testing.T) {
	r := Row{Smart: []float64{1, 2, 30}, Tail: []float64{4, 8, 40}}
	require.InDelta(t, 0.25, r.ratio(), 0)
}

func TestTable(t *testing.T) {
	got := Table([]Row{
		{Title: "CPU", Unit: "us/span", Smart: []float64{1, 2, 1.5}, Tail: []float64{8, 8, 8}, Beside: "input 1.00", Target: RatioAtMost(0.25, "at most 1/4")},
		{Title: "speed", Unit: "spans/s", Smart: []float64{300_000}, Tail: []float64{200_000}, Target: AtLeast(350_000, "at least 350,000")},
		{Title: "memory", Unit: "B", Smart: []float64{100}, Tail: []float64{800}, Target: AtMost(99, "under 100")},
		{Title: "kept", Unit: "%", Smart: []float64{5}},
	})
	require.Equal(t, `
|        | smart_tail_sampling | tail_sampling       | unit    | ratio | beside     | target           |        |
|--------|---------------------|---------------------|---------|-------|------------|------------------|--------|
| CPU    | 1.50 (1.00 to 2.00) | 8.00 (8.00 to 8.00) | us/span | 0.188 | input 1.00 | at most 1/4      | met    |
| speed  | 300,000             | 200,000             | spans/s | 1.50  |            | at least 350,000 | missed |
| memory | 100                 | 800                 | B       | 0.125 |            | under 100        | missed |
| kept   | 5.00                | -                   | %       | -     |            |                  |        |
`, "\n"+got)
}

// A section takes the place of what it was; what stands around it stays.
func TestReplaceSection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	require.NoError(t, Replace(path, "one", "first\n"))
	require.NoError(t, Replace(path, "two", "second"))
	require.NoError(t, Replace(path, "one", "third"))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "<!-- begin one -->\nthird\n<!-- end one -->\n\n<!-- begin two -->\nsecond\n<!-- end two -->\n", string(got))
}

func TestMachineIsKnown(t *testing.T) {
	require.NotContains(t, Machine(), unknown)
	require.Contains(t, Versions(), "go1.")
}
