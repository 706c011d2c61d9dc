package samplerreport

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Report is what was decided between two moments.
type Report struct {
	Traces, Spans         float64 // decided
	KeptTraces, KeptSpans float64
	Sampled               float64 // decided, less what rules dropped
	Adjusted, StdError    float64 // traces that the kept ones stand for
	Reasons               []ReasonCount
	Undecided             float64 // traces of those that were there when the wait began, or not yet handed on, when it was over
}

// ReasonCount is how many traces were kept for a reason.
type ReasonCount struct {
	Reason string
	Traces float64
}

// pollInterval is how often a collector is asked whether everything is decided.
const (
	pollInterval  = 500 * time.Millisecond
	idlePolls     = 10 // without anything held or decided: what is missing went another way
	scrapeTimeout = 5 * time.Second
)

// scrapeOnce has a time limit of its own, so that the last reading is possible when ctx has ended.
func scrapeOnce(ctx context.Context, client *http.Client, url string) (*Counters, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scrapeTimeout)
	defer cancel()
	return Scrape(ctx, client, url)
}

// Await asks until all the spans that were sent are decided and as many traces as had come in when it began, or for a while nothing
// has arrived, or ctx ends; and reports what has been decided since before. Others may send meanwhile: it does not wait for what
// comes in later. progress, where not nil, is told how many traces are missing. A collector that was started anew in between is
// an error.
func Await(ctx context.Context, client *http.Client, url string, before *Counters, spans int64, progress func(undecided float64)) (*Report, error) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	idle := 0
	last, due := before, -1.0 // traces, decided before or held when the wait began
	for {
		now, err := scrapeOnce(ctx, client, url)
		if err != nil {
			return nil, err
		}
		if now.spans() < last.spans() {
			return nil, fmt.Errorf("%s counts from zero again: the collector was restarted", url)
		}
		if idle++; now.Buffered > 0 || now.spans() > last.spans() {
			idle = 0
		}
		last = now
		if due < 0 {
			due = now.traces() + now.Buffered
		}
		undecided := min(now.Buffered, max(0, due-now.traces())) // some that are decided may not be handed on
		complete := undecided == 0 && now.spans()-before.spans() >= float64(spans)
		if complete || idle >= idlePolls || ctx.Err() != nil {
			report := newReport(now.since(before))
			report.Undecided = undecided
			return report, nil
		}
		if progress != nil && undecided > 0 {
			progress(undecided)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func newReport(c *Counters) *Report {
	r := &Report{
		Traces: sum(c.Traces, anyOutcome), Spans: sum(c.Spans, anyOutcome),
		KeptTraces: sum(c.Traces, keptOutcome), KeptSpans: sum(c.Spans, keptOutcome),
		Sampled:  sum(c.Traces, sampledOutcome),
		Adjusted: c.Adjusted, StdError: math.Sqrt(max(0, c.Variance)),
	}
	for _, o := range slices.SortedFunc(maps.Keys(c.Traces), func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(c.Traces[b], c.Traces[a]), cmp.Compare(a.Reason, b.Reason))
	}) {
		if n := c.Traces[o]; o.Kept && n > 0 {
			r.Reasons = append(r.Reasons, ReasonCount{o.Reason, n})
		}
	}
	return r
}

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	p := message.NewPrinter(language.English)
	var b strings.Builder
	_, _ = p.Fprintf(&b, "smart_tail_sampling kept %.0f of %.0f traces, %.0f of %.0f spans (%.1f %%)\n",
		r.KeptTraces, r.Traces, r.KeptSpans, r.Spans, 100*r.KeptSpans/max(1, r.Spans))
	for _, c := range r.Reasons {
		_, _ = p.Fprintf(&b, "  %-20s %8.0f\n", c.Reason, c.Traces)
	}
	_, _ = p.Fprintf(&b, "the kept ones stand for %.0f traces, give or take %.0f (two standard errors); %.0f came in\n",
		r.Adjusted, 2*r.StdError, r.Sampled)
	if r.Undecided > 0 {
		_, _ = p.Fprintf(&b, "%.0f traces are not yet decided, or not yet handed on\n", r.Undecided)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
