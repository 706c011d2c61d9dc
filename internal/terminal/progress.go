// Package terminal shows how far a command is: a bar on a terminal, a line now and then elsewhere.
package terminal

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	// barSteps is the resolution of the bar.
	barSteps = 1000
	barWidth = 30

	// lineEvery is how often a line is written where there is no terminal.
	lineEvery = 10 * time.Second
)

// Progress shows a share and a text. The zero value and nil show nothing.
type Progress struct {
	mu  sync.Mutex // guards everything below
	w   io.Writer
	bar *progressbar.ProgressBar // nil where w is no terminal

	spinning bool // the bar has no length, because the share is not known
	lastLine time.Time
	now      func() time.Time
}

// NewProgress shows progress on w, usually standard error.
func NewProgress(w io.Writer) *Progress {
	return newProgress(w, IsTerminal(w), time.Now)
}

func newProgress(w io.Writer, bar bool, now func() time.Time) *Progress {
	p := &Progress{w: w, now: now, lastLine: now()}
	if bar {
		p.bar = newBar(w, barSteps)
	}
	return p
}

func newBar(w io.Writer, steps int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(steps,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionSetTheme(progressbar.ThemeASCII),
		progressbar.OptionSetSpinnerChangeInterval(0), // would start a goroutine that only a finished bar ends
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
	)
}

// IsTerminal tells whether w is a terminal that a person looks at.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) // a file descriptor fits
}

// Set shows the share done, 0 to 1 or negative where it is not known, and a text beside it.
func (p *Progress) Set(done float64, text string) {
	if p == nil || p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		p.line(done, text)
		return
	}
	if done < 0 && !p.spinning {
		_ = p.bar.Clear() // a terminal that cannot be written to is no reason to fail
		p.bar, p.spinning = newBar(p.w, -1), true
	}
	p.bar.Describe(text)
	if p.spinning {
		_ = p.bar.Add(1)
		return
	}
	// One step short of the end: a full bar clears itself, and that is for Done.
	_ = p.bar.Set(int(min(1, done) * (barSteps - 1)))
}

func (p *Progress) line(done float64, text string) {
	now := p.now()
	if now.Sub(p.lastLine) < lineEvery {
		return
	}
	p.lastLine = now
	if done >= 0 {
		text = fmt.Sprintf("%3.0f %%  %s", 100*min(1, done), text)
	}
	fmt.Fprintln(p.w, text)
}

// Print writes a line that stays, above the bar if there is one.
func (p *Progress) Print(line string) {
	if p == nil || p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
	if p.bar != nil {
		_ = p.bar.RenderBlank()
	}
}

// Done takes the bar away. Nothing is shown afterwards.
func (p *Progress) Done() {
	if p == nil || p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	p.w, p.bar = nil, nil
}
