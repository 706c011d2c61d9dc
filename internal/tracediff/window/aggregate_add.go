package window

import (
	"strconv"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracesketch"
)

// add sums up a trace that matches the query with this bit. n is locked for reading.
func (g *aggregate) add(a *assembly, q *planned, bit int, n *names) {
	inScope := a.scope(q, bit)
	var whole contribution
	whole.slice = uint8(max(0, min(maxSlices-1, (int64(a.structure.Start)-g.start)/g.slice)))
	whole.weight = unstated
	first, last, count := int64(1<<63-1), int64(-1<<63), 0
	for i := range a.spans {
		if !inScope(i) {
			continue
		}
		f := &a.facts[i]
		count++
		if f.stated {
			whole.stated, whole.weight = true, min(whole.weight, f.weight)
		} else {
			g.coverage.WithoutThreshold++
		}
		if a.spans[i].Duration < 0 {
			g.coverage.WithoutEnd++
		}
		first = min(first, int64(a.spans[i].Start))
		last = max(last, int64(a.spans[i].Start)+max(0, a.spans[i].Duration))
		c := contribution{slice: whole.slice, weight: f.weight, stated: f.stated, failed: a.spans[i].Flags&flagError != 0}
		c.times(a.spans[i].Duration, a.structure.Self[i])
		g.addSpan(a, i, &c, q, n)
	}
	g.coverage.Traces++
	g.coverage.Spans += uint64(count)
	g.coverage.Duplicates += uint64(a.duplicates)
	if !whole.stated {
		whole.weight = 1
	}
	g.addWhole(a, q, &whole, last-first, n)
	for _, t := range a.touched {
		t.finish(whole.slice)
	}
	a.touched = a.touched[:0]
}

// scope tells which spans count.
func (a *assembly) scope(q *planned, bit int) func(i int) bool {
	if q.Scope == Span {
		return func(i int) bool { return a.facts[i].matched.has(bit) }
	}
	return func(int) bool { return true }
}

// to adds a span to a group.
func (g *aggregate) to(t *group, a *assembly, c *contribution, duration uint64) {
	g.grow(t.add(c))
	if t.touch(c) {
		a.touched = append(a.touched, t)
	}
	t.exemplars.add(a.id, a.hash, duration, c.failed)
	if t.overflow {
		g.coverage.Overflow++
	}
}

// addSpan adds a span to its service, operation, edge and values.
func (g *aggregate) addSpan(a *assembly, i int, c *contribution, q *planned, n *names) {
	f, duration := &a.facts[i], uint64(max(0, a.spans[i].Duration))
	o := &n.operations[f.operation]
	g.to(g.service(o.service, n), a, c, duration)
	own := g.operation(f.operation, n)
	g.to(own, a, c, duration)
	switch p := a.structure.Parent[i]; p {
	case tracesketch.MissingParent:
		g.coverage.Orphans++
	case tracesketch.NoParent:
		own.roots += c.weight
	default:
		e := g.edge(a.facts[p].operation, f.operation, n)
		g.to(e, a, c, duration)
		if wait, ok := a.waiting(int(p), i); ok {
			g.grow(e.addWait(c, wait))
		}
	}
	for k, column := range q.columns {
		if v := a.values[int(f.values)+column]; v.from >= 0 {
			g.to(g.value(k, a.bytes[v.from:v.to]), a, c, duration)
		}
	}
	if g.calendar.table != nil {
		for _, number := range a.numbers[f.values : f.values+f.count] {
			g.to(g.valueOf(number), a, c, duration)
		}
	}
	g.seenVersion(f, int64(a.spans[i].Start), n)
}

// addWhole adds the trace to the total and to its path.
func (g *aggregate) addWhole(a *assembly, q *planned, c *contribution, duration int64, n *names) {
	s := &a.structure
	c.failed = s.Errors > 0
	self := duration
	if s.Root >= 0 {
		c.failed = a.spans[s.Root].Flags&flagError != 0
		self = s.Self[s.Root]
	}
	c.times(duration, self)
	g.to(g.total, a, c, uint64(max(0, duration)))
	if q.Scope == Span {
		return // a path is a matter of the whole trace
	}
	g.to(g.path(a, n), a, c, uint64(max(0, duration)))
}

func (g *aggregate) service(number uint32, n *names) *group {
	at := slot(&g.services, number)
	if *at == nil {
		*at = g.group(snapshot.Identity{Kind: snapshot.Service, Value: n.services[number]})
	}
	return *at
}

func (g *aggregate) operation(number uint32, n *names) *group {
	at := slot(&g.operations, number)
	if *at == nil {
		o := &n.operations[number]
		service := n.services[o.service]
		*at = g.group(snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: o.name})
	}
	return *at
}

func (g *aggregate) edge(caller, callee uint32, n *names) *group {
	key := uint64(caller)<<32 | uint64(callee)
	found := g.edges[key]
	if found == nil {
		from, to := &n.operations[caller], &n.operations[callee]
		found = g.group(snapshot.Identity{
			Kind: snapshot.Edge, Service: n.services[to.service], Value: to.name,
			CallerService: n.services[from.service], Caller: from.name,
		})
		if !found.overflow {
			g.edges[key] = found
		}
	}
	return found
}

// path is that of the whole trace. Traces of which a part is missing share one for each root: which path they took is not known.
func (g *aggregate) path(a *assembly, n *names) *group {
	s := &a.structure
	root := a.rootOperation()
	key := pathKey{root: root}
	if s.Complete() {
		key.path = uint64(s.Path)
	}
	found := g.paths[key]
	if found == nil {
		o := &n.operations[root]
		id := snapshot.Identity{Kind: snapshot.Path, Service: n.services[o.service], Value: o.name}
		if s.Complete() {
			id.PathID = pathID(s.Path)
		}
		found = g.group(id)
		if !found.overflow {
			g.paths[key] = found
		}
	}
	return found
}

// value is the group of a value of a key of the query.
func (g *aggregate) value(key int, value []byte) *group {
	found := g.values[key][string(value)]
	if found == nil {
		name := g.calendar.attributes[key]
		text := string(value)
		found = g.group(snapshot.Identity{Kind: snapshot.Attribute, Key: name, Value: text})
		if !found.overflow { // values beyond the limit are without number
			g.values[key][text] = found
		}
	}
	return found
}

// valueOf is the group of a value of any attribute.
func (g *aggregate) valueOf(number uint32) *group {
	at := slot(&g.numbered, number)
	if *at == nil {
		*at = g.group(g.calendar.table.values[number])
	}
	return *at
}

func (g *aggregate) seenVersion(f *fact, start int64, n *names) {
	v := g.versions[f.source]
	if v == nil {
		src := &n.sources[f.source]
		if len(g.versions) >= g.limits.ValuesPerKey {
			return
		}
		v = &version{service: n.services[src.service], version: src.version, first: start, last: start}
		g.versions[f.source] = v
		g.grow(versionBytes)
	}
	v.weight += f.weight
	v.first, v.last = min(v.first, start), max(v.last, start)
}

// versionBytes is about what an entry takes.
const versionBytes = 160

// slot is the place of a number in an index.
func slot(index *[]*group, number uint32) **group {
	for int(number) >= len(*index) {
		*index = append(*index, nil)
	}
	return &(*index)[number]
}

// rootOperation is the number of the operation that the trace enters through: that of its root, or of its earliest span
// without its parent.
func (a *assembly) rootOperation() uint32 {
	if a.structure.Root >= 0 {
		return a.facts[a.structure.Root].operation
	}
	for i := range a.spans {
		if a.spans[i].Operation == uint64(a.structure.Endpoint) {
			return a.facts[i].operation
		}
	}
	return a.facts[0].operation
}

// pathID is a path in hexadecimal.
func pathID(p tracesketch.Path) string {
	text := strconv.FormatUint(uint64(p), 16)
	return "0000000000000000"[len(text):] + text
}
