package topology

import (
	"fmt"
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// MaxSpans is how many spans a trace may have at most.
const MaxSpans = 100_000

func (b *builder) call(at string, from *Operation, f *fileCall) {
	c := Call{Share: b.share(at+"::share", f.Share), Least: 1, Most: 1, Parallel: f.Parallel, Optional: f.Optional}
	if f.Times.set {
		c.Least, c.Most = f.Times.least, f.Times.most
		if c.Least < 0 || c.Most < c.Least || c.Most < 1 || c.Most > MaxSpans {
			b.add("%s::times: must be a number from 1 to %d, or a range of such numbers, got [%d, %d]", at, MaxSpans, c.Least, c.Most)
		}
	}
	c.Operation = b.find(at+"::to", f.To)
	if c.Operation == nil {
		return
	}
	if k := c.Operation.Kind; c.Remote(from) && k != ptrace.SpanKindServer && k != ptrace.SpanKindConsumer {
		b.add("%s::to: %q is of kind %s; another service can call servers and consumers only", at, f.To, strings.ToLower(k.String()))
	}
	from.Calls = append(from.Calls, c)
}

// find returns the operation that a reference names, or nil after a complaint that says what there is.
func (b *builder) find(at, reference string) *Operation {
	if o, ok := b.byName[reference]; ok {
		return o
	}
	service, _, slash := strings.Cut(reference, "/")
	if !slash {
		b.add("%s: must be SERVICE/OPERATION, got %q", at, reference)
		return nil
	}
	var services []string
	for _, s := range b.topology.Services {
		services = append(services, s.Name)
		if s.Name != service {
			continue
		}
		var names []string
		for _, o := range s.Operations {
			names = append(names, o.Name)
		}
		b.add("%s: service %q has no operation for %q; it has %s", at, service, reference, few(names))
		return nil
	}
	b.add("%s: there is no service %q for %q; there are %s", at, service, reference, few(services))
	return nil
}

// few lists names, the first ones where there are many.
func few(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (b *builder) entries(list []fileEntry) {
	const heaviest = 1_000_000
	weight := 0
	for i, f := range list {
		at := fmt.Sprintf("entries::%d", i)
		e := Entry{Operation: b.find(at+"::operation", f.Operation), Weight: 1, Long: f.Long}
		if f.Weight != nil {
			e.Weight = *f.Weight
		}
		if e.Weight < 1 || e.Weight > heaviest {
			b.add("%s::weight: must be between 1 and %d, got %d", at, heaviest, e.Weight)
		}
		if !e.Long {
			weight += e.Weight
		}
		b.topology.Entries = append(b.topology.Entries, e)
	}
	if weight == 0 {
		b.add("entries: must list at least one operation where traces begin, besides those for long traces")
	}
}

// checkSize refuses cycles and traces that may grow beyond MaxSpans.
func (b *builder) checkSize() {
	for _, s := range b.topology.Services {
		for _, o := range s.Operations {
			b.measure(o, nil)
		}
	}
	for i, e := range b.topology.Entries {
		if e.Operation.maxSpans > MaxSpans {
			b.add("entries::%d::operation: a trace from %q may have more than %d spans; lower times of its calls", i, e.Operation.Reference(), MaxSpans)
		}
		b.topology.MaxSpans = max(b.topology.MaxSpans, e.Operation.maxSpans)
	}
}

// Marks of measure in Operation.maxSpans.
const (
	unmeasured = 0
	measuring  = -1
)

// measure finds how many spans an operation may cause. path is the calls that led here.
func (b *builder) measure(o *Operation, path []*Operation) int {
	switch o.maxSpans {
	case measuring:
		b.cycle(o, path)
		return 1
	case unmeasured:
	default:
		return o.maxSpans
	}
	o.maxSpans = measuring
	path = append(path, o)
	spans := 1
	for i := range o.Calls {
		c := &o.Calls[i]
		n := b.measure(c.Operation, path)
		if c.Remote(o) {
			n++
		}
		if n > (math.MaxInt32-spans)/c.Most {
			spans = math.MaxInt32 / 2
			continue
		}
		spans += n * c.Most
	}
	o.maxSpans = spans
	return spans
}

func (b *builder) cycle(o *Operation, path []*Operation) {
	var names []string
	for i := len(path) - 1; i >= 0; i-- {
		names = append([]string{path[i].Reference()}, names...)
		if path[i] == o {
			break
		}
	}
	b.add("services: calls go in a circle, so that traces would never end: %s -> %s; take one of the calls out", strings.Join(names, " -> "), o.Reference())
}
