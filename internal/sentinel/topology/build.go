package topology

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// builder turns a file into a topology and collects what is wrong with it.
type builder struct {
	topology *Topology
	problems []error
	byName   map[string]*Operation
}

func (b *builder) add(format string, args ...any) {
	const enough = 100
	if len(b.problems) < enough {
		b.problems = append(b.problems, fmt.Errorf(format, args...))
	}
}

func (b *builder) build(f *file) {
	b.bounds(f)
	b.byName = map[string]*Operation{}
	services := map[string]int{}
	operations := 0
	for i := range f.Services {
		operations += len(f.Services[i].Operations)
	}
	if operations > maxOperations {
		b.add("services: must have at most %d operations, got %d", maxOperations, operations)
		return
	}
	for i := range f.Services {
		b.service(fmt.Sprintf("services::%d", i), &f.Services[i], services, i)
	}
	if len(f.Services) == 0 {
		b.add("services: must list at least one service")
	}
	for i := range f.Services {
		for j := range f.Services[i].Operations {
			for k := range f.Services[i].Operations[j].Calls {
				b.call(fmt.Sprintf("services::%d::operations::%d::calls::%d", i, j, k),
					b.topology.Services[i].Operations[j], &f.Services[i].Operations[j].Calls[k])
			}
		}
	}
	b.entries(f.Entries)
	if len(b.problems) == 0 {
		b.checkSize()
	}
}

// defaultBounds are those of the spanmetrics connector.
var defaultBounds = [...]time.Duration{
	2 * time.Millisecond, 4 * time.Millisecond, 6 * time.Millisecond, 8 * time.Millisecond, 10 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond,
	time.Second, 1400 * time.Millisecond, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second,
}

const defaultOnBounds = 0.1

func (b *builder) bounds(f *file) {
	t := b.topology
	t.Bounds, t.OnBounds = slices.Clone(defaultBounds[:]), defaultOnBounds
	if f.Bounds != nil {
		t.Bounds = nil
		for i, bound := range f.Bounds {
			t.Bounds = append(t.Bounds, time.Duration(bound))
			if bound < 2 || bound > duration(longest) || i > 0 && bound <= f.Bounds[i-1] {
				b.add("histogram_bounds::%d: must be positive, more than the bound before and at most %v, got %v", i, longest, time.Duration(bound))
			}
		}
	}
	if f.OnBounds != nil {
		t.OnBounds = b.share("on_bounds", f.OnBounds)
	}
}

func (b *builder) service(at string, f *fileService, seen map[string]int, ordinal int) {
	s := &Service{Name: f.Name, Version: f.Version, Instances: 1, Attributes: f.Attributes, Ordinal: ordinal}
	b.topology.Services = append(b.topology.Services, s)
	if f.Name == "" || strings.Contains(f.Name, "/") {
		b.add("%s::name: must be a name without a slash, got %q", at, f.Name)
	} else if first, ok := seen[f.Name]; ok {
		b.add("%s::name: %q is taken by services::%d", at, f.Name, first)
	} else {
		seen[f.Name] = ordinal
	}
	if f.Instances != nil {
		s.Instances = *f.Instances
		if s.Instances < 1 || s.Instances > maxInstances {
			b.add("%s::instances: must be between 1 and %d, got %d", at, maxInstances, s.Instances)
		}
	}
	for _, a := range f.Attributes {
		if slices.Contains(reserved[:], a.Key) {
			b.add("%s::attributes: %s is set by the sentinel itself; take it out", at, a.Key)
		}
	}
	if len(f.Operations) == 0 {
		b.add("%s::operations: must list at least one operation", at)
	}
	for i := range f.Operations {
		b.operation(fmt.Sprintf("%s::operations::%d", at, i), s, &f.Operations[i])
	}
}

// reserved are the attributes of resources that package traffic sets.
var reserved = [...]string{"service.name", "service.namespace", "service.version", "service.instance.id", "assay.sentinel.stream"}

const (
	maxInstances  = 1000
	maxOperations = 1000      // each has a table of quantiles
	longest       = time.Hour // of any duration
)

func (b *builder) operation(at string, s *Service, f *fileOperation) {
	o := &Operation{
		Service: s, Name: f.Name, Kind: ptrace.SpanKind(f.Kind), Attributes: f.Attributes, Ordinal: len(b.byName),
		Caller: Caller{Name: f.Caller.Name, Attributes: f.Caller.Attributes},
	}
	if o.Kind == ptrace.SpanKindUnspecified {
		o.Kind = ptrace.SpanKindInternal
	}
	if o.Caller.Name == "" {
		o.Caller.Name = f.Name
	}
	s.Operations = append(s.Operations, o)
	switch _, taken := b.byName[o.Reference()]; {
	case f.Name == "":
		b.add("%s::name: must be set", at)
	case taken:
		b.add("%s::name: service %q has an operation %q already", at, s.Name, f.Name)
	default:
		b.byName[o.Reference()] = o
	}
	o.Latency = b.latency(at+"::latency", &f.Latency)
	if f.Errors != nil {
		o.Errors = Errors{
			Share: b.share(at+"::errors::share", &f.Errors.Share), Type: f.Errors.Type,
			Message: f.Errors.Message, Attributes: f.Errors.Attributes,
		}
	}
	if o.Errors.Type == "" {
		o.Errors.Type = "_OTHER"
	}
	for i := range f.Events {
		e := &f.Events[i]
		if e.Name == "" {
			b.add("%s::events::%d::name: must be set", at, i)
		}
		o.Events = append(o.Events, Event{Name: e.Name, Share: b.share(fmt.Sprintf("%s::events::%d::share", at, i), e.Share), Attributes: e.Attributes})
	}
}

func (b *builder) latency(at string, f *fileLatency) Latency {
	median, tail := time.Duration(f.Median), fileTail{Alpha: 1, Max: duration(longest)}
	before := len(b.problems)
	if median < time.Microsecond || median > longest {
		b.add("%s::median: must be between 1µs and %v, got %v", at, longest, median)
	}
	if !(f.Sigma >= 0 && f.Sigma <= 3) {
		b.add("%s::sigma: must be between 0 and 3, got %v; it is the standard deviation of the logarithm", at, f.Sigma)
	}
	if f.Tail != nil {
		tail = *f.Tail
		b.share(at+"::tail::share", &tail.Share)
		if !(tail.Alpha >= 0.1 && tail.Alpha <= 10) {
			b.add("%s::tail::alpha: must be between 0.1 and 10, got %v; the smaller, the heavier the tail", at, tail.Alpha)
		}
		if time.Duration(tail.Max) < median || time.Duration(tail.Max) > longest {
			b.add("%s::tail::max: must be between the median and %v, got %v", at, longest, time.Duration(tail.Max))
		}
	}
	if len(b.problems) > before {
		return Latency{}
	}
	return newLatency(median, f.Sigma, min(tail.Share, 0.999), tail.Alpha, time.Duration(tail.Max))
}

// share checks a share, 1 where there is none.
func (b *builder) share(at string, v *float64) float64 {
	if v == nil {
		return 1
	}
	if !(*v >= 0 && *v <= 1) {
		b.add("%s: must be between 0 and 1, got %v", at, *v)
	}
	return *v
}
