// Package oracle judges a sampler whose single decisions cannot be foreseen, by what is known of all traces of a sentinel: how many
// there were, which of them failed, and how long they took.
//
//	estimate     the adjusted counts of the kept traces add up to the number of all, for every sort of trace
//	preference   of traces that fail or are slow, a greater share is kept than of the others
//
// The estimate is that of Horvitz and Thompson (1952). A kept trace of adjusted count w adds w to it, and w(w-1) to the
// estimate of its variance, since traces are kept independently of each other. An estimate that is too low has a variance that is too
// low: those that would have added to both are the ones that were not kept. So what is missing counts as traces which are as
// improbable as the most improbable one that was kept, and as long as hardly any of those have been seen, more than that: what one
// cannot see is not held against the sampler before there is enough of it.
//
// What goes wrong only now hides for long among what went well before, so the last traces are looked at by themselves, too (recent.go).
//
// That every kept trace's randomness reaches its threshold is checked span by span (package verify).
package oracle

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Limits of what counts as chance.
const (
	certain  = 5.0   // standard deviations: once in 3.5 million looks
	enough   = 30    // kept traces of an adjusted count above 1 that show how large it may be
	unseen   = 400.0 // adjusted count that is thought possible before, at most
	uneven   = 10.0  // times the inverse of the share that is kept: the same
	leastPer = 200   // traces of a sort before anything is said of it
	halfLife = 20_000
	wanted   = 2.0  // times the share of ordinary traces that is kept must be that of others,
	some     = 0.2  // where that share is no more than this;
	much     = 0.35 // from there on, as much is enough
	unlikely = 4.0  // standard deviations, where an honest sampler is far from the limit
)

// flow is how steadily kept traces of a stream come.
type flow struct{ all, kept, drought float64 } // drought: those since the last that was kept

// Oracle follows the traces of some streams. It is not safe for concurrent use.
type Oracle struct {
	streams  map[uint8]*traffic.Stream
	slow     map[string]time.Duration // by entry: what its slowest fiftieth takes at least
	sorts    map[string]*sort
	part     int              // of the recent ones, that is being filled
	prefer   [2]sums          // ordinary traces, and those that fail or are slow
	heaviest float64          // adjusted count
	heavy    float64          // kept traces of more than 1
	flows    map[string]*flow // by stream: one may keep its pace while another pauses
	seen     int
	plan     traffic.Trace
}

// New makes an oracle.
func New() *Oracle {
	return &Oracle{flows: map[string]*flow{}, streams: map[uint8]*traffic.Stream{}, slow: map[string]time.Duration{}, sorts: map[string]*sort{}, heaviest: 1}
}

// Join adds a stream. What is slow in it is found out from a sample of its plans.
func (o *Oracle) Join(stream *traffic.Stream) {
	o.streams[stream.Config().Number] = stream
	o.flows[stream.Config().Name] = &flow{}
	const slots = 400
	lengths := map[string][]time.Duration{}
	for slot := range uint32(slots) {
		for sequence := range min(10, stream.Count(slot)) {
			stream.Trace(identity.TraceID{Stream: stream.Config().Number, Slot: slot, Sequence: sequence}, &o.plan)
			entry := o.plan.Spans[0].Operation.Reference()
			lengths[entry] = append(lengths[entry], o.plan.Length)
		}
	}
	for entry, of := range lengths {
		slices.Sort(of)
		o.slow[entry] = of[len(of)*49/50]
	}
}

// Add takes a verdict. Traces that the generator has not said to be accepted say nothing of the sampler.
func (o *Oracle) Add(j *verify.Judgement) {
	stream, ok := o.streams[j.Trace.Stream]
	if !ok || !j.Accepted || j.Was != verify.None || j.Traces > 1 || traffic.IsManifest(j.Trace) {
		return
	}
	kept := j.Weight > 0
	stream.Trace(j.Trace, &o.plan)
	root := o.plan.Spans[0].Operation.Reference()
	slow := o.plan.Length >= o.slow[root] && o.slow[root] > 0
	f := o.flows[stream.Config().Name]
	f.all, f.drought = f.all+1, f.drought+1
	if kept {
		f.kept, f.drought = f.kept+1, 0
		o.heaviest = max(o.heaviest, j.Weight)
		if j.Weight > 1 {
			o.heavy++
		}
	}
	o.sort("all traces").add(kept, j.Weight)
	o.sort("traces from "+root).add(kept, j.Weight)
	interesting := 0
	switch {
	case o.plan.Failed:
		interesting = 1
		o.sort("failing traces").add(kept, j.Weight)
	case slow:
		interesting = 1
		o.sort("slow traces").add(kept, j.Weight)
	default:
		o.sort("ordinary traces").add(kept, j.Weight)
	}
	o.prefer[interesting].add(kept, j.Weight)
	if o.seen++; o.seen%partLength == 0 {
		o.advance()
	}
	if o.seen%halfLife == 0 {
		o.forget()
	}
}

// advance begins another part, in the place of the oldest.
func (o *Oracle) advance() {
	o.part = (o.part + 1) % parts
	for _, s := range o.sorts {
		s.base.merge(&s.recent[o.part])
		s.recent[o.part] = sums{}
	}
}

// forget lets what is old count for half.
func (o *Oracle) forget() {
	for _, s := range o.sorts {
		s.base.halve()
	}
	o.prefer[0].halve()
	o.prefer[1].halve()
	for _, f := range o.flows {
		f.all, f.kept, f.drought = f.all/2, f.kept/2, f.drought/2
	}
	o.heaviest, o.heavy = max(1, o.heaviest/2), o.heavy/2
}

// sort returns the sums of a sort that are being filled. There are no more sorts than entries of topologies, and a few.
func (o *Oracle) sort(name string) *sums {
	s, ok := o.sorts[name]
	if !ok {
		s = &sort{}
		o.sorts[name] = s
	}
	return &s.recent[o.part]
}

// Seen is how many traces have been taken.
func (o *Oracle) Seen() int { return o.seen }

// Expected is how many of the last traces of a stream should have been kept, by the share of those before the last that was; 0 as long as too few are
// known. Where more have been added since the last that was kept, it is those that count.
func (o *Oracle) Expected(stream string, last int) float64 {
	const few = 10
	f, ok := o.flows[stream]
	if !ok || f.all < leastPer || f.kept < few {
		return 0
	}
	return max(float64(last), f.drought) * f.kept / max(f.all-f.drought, f.kept)
}

// Findings says what cannot be chance, of all traces, or of the last few thousand.
func (o *Oracle) Findings() []string {
	var out []string
	heaviest := o.possible()
	for name, s := range o.sorts {
		all := s.last(o.part, parts)
		all.merge(&s.base)
		problem := all.estimate(heaviest)
		if problem != "" && s.repair(o.part, &all) {
			problem = ""
		}
		if problem == "" {
			problem = s.change(o.part)
		}
		if problem != "" {
			out = append(out, name+": "+problem)
		}
	}
	slices.Sort(out)
	if problem := o.preference(); problem != "" {
		out = append(out, problem)
	}
	return out
}

// possible is the largest adjusted count that an honest sampler of this kind may be thought to have.
func (o *Oracle) possible() float64 {
	if o.heavy >= enough {
		return o.heaviest
	}
	of := sums{}
	if s, ok := o.sorts["all traces"]; ok {
		of = s.last(o.part, parts)
		of.merge(&s.base)
	}
	return max(o.heaviest, min(unseen, uneven*of.all/max(1, of.kept)))
}

// preference compares the share of the interesting traces that is kept with that of the ordinary ones: the logarithm of
// their ratio is about normal (Katz, 1978).
func (o *Oracle) preference() string {
	ordinary, interesting := &o.prefer[0], &o.prefer[1]
	if ordinary.all < leastPer || interesting.all < leastPer || ordinary.kept < 1 {
		return ""
	}
	usual, share := ordinary.kept/ordinary.all, interesting.kept/interesting.all
	if usual*wanted >= 0.95 {
		return "" // nearly everything is kept: there is nothing to prefer
	}
	times := wanted - (wanted-1)*min(1, max(0, (usual-some)/(much-some)))
	least := max(interesting.kept, 1)
	deviation := math.Sqrt(max(0, 1/least-1/interesting.all) + max(0, 1/ordinary.kept-1/ordinary.all))
	if math.Log(least/interesting.all/usual)+unlikely*deviation >= math.Log(times) {
		return ""
	}
	return fmt.Sprintf("failing and slow traces are not preferred: %.3g %% of them are kept, of the others %.3g %%", 100*share, 100*usual)
}
