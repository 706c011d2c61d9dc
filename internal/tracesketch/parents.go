package tracesketch

// resolveParents fills a.parent.
func (a *Analyzer) resolveParents(spans []Span) {
	size := 8
	for size < 2*len(spans) {
		size *= 2
	}
	a.table = resize(a.table, size)
	joined := a.index(a.table, spans, 0)
	a.parent = resize(a.parent, len(spans))
	for i := range spans {
		a.parent[i] = a.find(spans, i)
	}
	if joined {
		a.joinSides(spans)
	}
}

// index fills a table by span id, leaving out spans with a flag of skip, and tells whether spans of both sides share an id.
func (a *Analyzer) index(table []int32, spans []Span, skip uint8) (joined bool) {
	clear(table)
	mask := uint64(len(table) - 1)
	for i := range spans {
		sp := &spans[i]
		if sp.Flags&skip != 0 {
			continue
		}
		for h := mix(sp.SpanID^a.seed) & mask; ; h = (h + 1) & mask {
			at := table[h]
			if at == 0 {
				table[h] = int32(i) + 1
				break
			}
			if other := &spans[at-1]; other.SpanID == sp.SpanID {
				joined = joined || (other.Flags^sp.Flags)&FlagServer != 0
				if standsBefore(sp, other) {
					table[h] = int32(i) + 1
				}
				break
			}
		}
	}
	return joined
}

// find returns the index of the parent of a span.
func (a *Analyzer) find(spans []Span, i int) int32 {
	id := spans[i].ParentSpanID
	if id == 0 {
		return NoParent
	}
	if id == spans[i].SpanID {
		return MissingParent
	}
	return a.lookup(a.table, spans, id)
}

// lookup returns the index of the span that stands for an id in a table, or MissingParent.
func (a *Analyzer) lookup(table []int32, spans []Span, id uint64) int32 {
	mask := uint64(len(table) - 1)
	for h := mix(id^a.seed) & mask; ; h = (h + 1) & mask {
		at := table[h]
		if at == 0 {
			return MissingParent
		}
		if spans[at-1].SpanID == id {
			return at - 1
		}
	}
}
