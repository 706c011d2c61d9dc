package simulate

import (
	"strings"

	"github.com/assayhq/assay/internal/terminal"
)

// writePaths writes the table of paths. What does not fit is added up in a last row, so that the columns sum.
func (r *Report) writePaths(b *strings.Builder, o TextOptions) {
	if len(r.Paths) == 0 {
		return
	}
	b.WriteByte('\n')
	t := newTable("path ", "endpoint ", "traces", "kept", "share", "recovered", "errors", "p50", "p99")
	shown := len(r.Paths)
	if o.Paths > 0 && o.Paths < shown {
		shown = o.Paths
	}
	for i := range r.Paths[:shown] {
		p := &r.Paths[i]
		t.row(p.Path[:8], terminal.Printable(p.Endpoint, o.Width), grouped(p.Traces), grouped(p.Kept), percent(p.Share),
			rounded(p.Recovered.Value), rounded(p.Errors.Truth), secondsTo(2, p.P50.Truth), secondsTo(2, p.P99.Truth))
	}
	if rest := r.Paths[shown:]; len(rest) > 0 {
		var p PathReport
		for _, q := range rest {
			p.Traces += q.Traces
			p.Kept += q.Kept
			p.Recovered.Value += q.Recovered.Value
			p.Errors.Truth += q.Errors.Truth
		}
		t.row("", "other paths: "+grouped(len(rest)), grouped(p.Traces), grouped(p.Kept), percent(share(p.Kept, p.Traces)),
			rounded(p.Recovered.Value), rounded(p.Errors.Truth), "", "")
	}
	all := &r.Recovered
	t.row("", "all paths", grouped(r.Input.Traces), grouped(r.Kept.Traces), percent(r.Kept.TraceShare),
		rounded(all.Traces.Value), rounded(all.Errors.Truth), secondsTo(2, all.P50.Truth), secondsTo(2, all.P99.Truth))
	t.fit(1, o.Width)
	t.write(b)
}
