package verify

import (
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// plans keeps the plans of the traces that were asked for last: spans of a trace come in several batches, among those of
// others. Very long traces take much memory, so few of these are kept.
type plans struct {
	recent [recentPlans]traffic.Trace
	used   [recentPlans]bool
	by     map[identity.TraceID]int
	next   int
	large  traffic.Trace // the last one of more than largePlan spans
	isSet  bool
}

const (
	recentPlans = 128
	largePlan   = 512
)

// of returns the plan of a trace that the stream has. It holds until the next call.
func (p *plans) of(stream *traffic.Stream, id identity.TraceID) *traffic.Trace {
	if i, ok := p.by[id]; ok {
		return &p.recent[i]
	}
	if p.isSet && p.large.ID == id {
		return &p.large
	}
	if p.by == nil {
		p.by = make(map[identity.TraceID]int, recentPlans)
	}
	i := p.next
	if p.used[i] {
		delete(p.by, p.recent[i].ID)
		p.used[i] = false
	}
	stream.Trace(id, &p.recent[i])
	if len(p.recent[i].Spans) > largePlan {
		p.large, p.isSet = p.recent[i], true
		p.recent[i] = traffic.Trace{}
		return &p.large
	}
	p.next = (p.next + 1) % recentPlans
	p.by[id], p.used[i] = i, true
	return &p.recent[i]
}
