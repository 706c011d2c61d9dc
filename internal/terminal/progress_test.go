package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Where there is no terminal a line comes every ten seconds, so that a log stays readable.
func TestLines(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&b, false, func() time.Time { return now })
	for i := range 31 {
		p.Set(float64(i)/30, "spans")
		now = now.Add(time.Second)
	}
	p.Set(-1, "from a pipe")
	p.Print("a note")
	now = now.Add(10 * time.Second)
	p.Set(-1, "from a pipe")
	p.Done()
	p.Set(1, "too late")
	p.Print("too late")
	assert.Equal(t, " 33 %  spans\n 67 %  spans\n100 %  spans\na note\nfrom a pipe\n", b.String())
}

// screen is what a terminal shows of a text: a carriage return goes back to the start of the line.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		at := 0
		for _, r := range line {
			if r == '\r' {
				at = 0
				continue
			}
			if at == len(cells) {
				cells = append(cells, r)
			} else {
				cells[at] = r
			}
			at++
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestBar(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, true, time.Now)
	p.Set(0.5, "17 spans")
	assert.Regexp(t, `^ *4\d% \[=+>\.+\].* 17 spans$`, screen(b.String()), "one step short of a half")

	p.Print("a note")
	shown := strings.Split(screen(b.String()), "\n")
	require.Len(t, shown, 2)
	assert.Equal(t, "a note", shown[0])
	assert.Contains(t, shown[1], "17 spans")

	p.Set(7, "beyond the end")
	assert.Contains(t, screen(b.String()), "99%")
	p.Done()
	assert.Equal(t, "a note", screen(b.String()), "the bar is gone")
}

// A pipe has no known end: a spinner turns instead, and leaves no goroutine behind.
func TestSpinner(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, true, time.Now)
	p.Set(-1, "1 span")
	p.Set(-1, "2 spans")
	assert.Regexp(t, `^[-\\|/] .* 2 spans$`, screen(b.String()))
	p.Done()
	assert.Empty(t, screen(b.String()))
}

func TestNothingToShowOn(*testing.T) {
	var none *Progress
	none.Set(0.5, "x")
	none.Print("x")
	none.Done()
	(&Progress{}).Set(0.5, "x")
}

func TestIsTerminal(t *testing.T) {
	assert.False(t, IsTerminal(&bytes.Buffer{}))
	f, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	defer f.Close()
	assert.False(t, IsTerminal(f))
}
