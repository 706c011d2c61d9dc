package tailsampling

import (
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracestate"
)

// marker writes onto the spans of one kept trace what was decided about it.
type marker struct {
	cfg       *Config
	parcel    *parcel
	mark      otMark
	plain     string // tracestate of a span that came without
	raw       string // the last one that came, and what became of it: spans of a trace mostly share it
	marked    string
	first     ptrace.Span
	root      ptrace.Span
	seen, has bool // first and root are set
}

func (s *sender) newMarker(from *shard, p *parcel) *marker {
	from.Lock()
	defer from.Unlock()
	t := from.Traces.At(p.index)
	m := &marker{cfg: s.cfg, parcel: p, mark: t.mark()}
	m.plain, _ = m.mark.write("")
	return m
}

func (m *marker) visit(span ptrace.Span) {
	if m.cfg.DryRun {
		return
	}
	m.noteRoot(span)
	raw := span.TraceState().AsRaw()
	switch {
	case raw == "":
		span.TraceState().FromRaw(m.plain)
		return
	case raw != m.raw:
		m.raw, m.marked = raw, raw // one that cannot be parsed stays as it is
		if marked, err := m.mark.write(raw); err == nil {
			m.marked = marked
		}
	}
	span.TraceState().FromRaw(m.marked)
}

func (m *marker) noteRoot(span ptrace.Span) {
	if !m.seen {
		m.first, m.seen = span, true
	}
	if !m.has && span.ParentSpanID().IsEmpty() {
		m.root, m.has = span, true
	}
}

// markRoot sets the attributes on the root span, or the first where there is none. Late spans carry none: the root that
// went before them does.
func (m *marker) markRoot() {
	if m.cfg.DryRun || m.parcel.late || !m.seen {
		return
	}
	span := m.first
	if m.has {
		span = m.root
	}
	names := &m.cfg.Marks
	if names.Reason != "" {
		span.Attributes().PutStr(names.Reason, m.parcel.reason)
	}
	if names.Path != "" {
		span.Attributes().PutStr(names.Path, PathID(m.parcel.path))
	}
	if names.Probability != "" {
		span.Attributes().PutDouble(names.Probability, tracestate.Probability(m.mark.threshold))
	}
}
