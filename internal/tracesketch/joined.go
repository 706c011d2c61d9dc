package tracesketch

// Zipkin's instrumentation (Brave, unless supportsJoin is off) gives both sides of a call one span id: the server goes on with
// the client's span instead of starting its own. Both sides name the client's caller as their parent, and what the server calls
// names the shared id. What is meant is caller -> client -> server -> what the server calls. So
//
//   - the server's side stands for the id: spans that name the id as their parent are its children. Where the client's own
//     process records a child of its client span as well, that goes to the server's side too: the id alone does not tell them
//     apart, and clients' spans are leaves in practice.
//   - the parent of the server's side is the client's side, whatever parent it names.
//
// A side that is alone is an ordinary span, and spans of one side that share an id are duplicates.

// standsBefore tells whether x rather than y stands for the id that they share: the server's side, then the earlier one.
func standsBefore(x, y *Span) bool {
	if side := x.Flags & FlagServer; side != y.Flags&FlagServer {
		return side != 0
	}
	return before(x, y)
}

// joinSides makes the client's side of each joined id the parent of its server's side.
func (a *Analyzer) joinSides(spans []Span) {
	a.callers = resize(a.callers, len(a.table))
	a.index(a.callers, spans, FlagServer)
	for i := range spans {
		if spans[i].Flags&FlagServer == 0 || spans[i].SpanID == 0 {
			continue
		}
		if caller := a.lookup(a.callers, spans, spans[i].SpanID); caller >= 0 {
			a.parent[i] = caller
		}
	}
}
