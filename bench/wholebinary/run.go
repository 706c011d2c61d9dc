package wholebinary

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

// Plan is what to measure.
type Plan struct {
	Binary string
	Peer   string // a collector with the newest tail_sampling; empty: it is left out
	Rounds int
	Most   load // as fast as requests are accepted
	Held   load // at a fixed rate, in the first round only
}

// contender is a binary with one sampler, or none.
type contender struct {
	name   subject.Name
	binary string
	shards int // of the peer's tail_sampling; 0: it is not the peer
}

func (c contender) String() string {
	if c.shards == 0 {
		return string(c.name)
	}
	return fmt.Sprintf("%s of the peer with num_shards %d", c.name, c.shards)
}

// contenders are in the order in which the first round measures them.
func (p *Plan) contenders() []contender {
	all := []contender{{name: subject.Input, binary: p.Binary}, {name: subject.Smart, binary: p.Binary}, {name: subject.Tail, binary: p.Binary}}
	if p.Peer != "" {
		for _, shards := range shardsOfPeer {
			all = append(all, contender{subject.Tail, p.Peer, shards})
		}
	}
	return all
}

// shardsOfPeer are the numbers of parallel loops that the peer is measured with: its default, and more than there are cores.
var shardsOfPeer = []int{1, 4}

// load is one kind of load.
type load struct {
	title  string
	rate   float64 // spans/s, 0: as fast as they are accepted
	hold   time.Duration
	warm   time.Duration
	window time.Duration
}

// Full is the plan behind RESULTS.md.
func Full(binary, peer string) *Plan {
	return &Plan{
		Binary: binary, Peer: peer, Rounds: 3,
		Most: load{title: "as fast as accepted", hold: time.Second, warm: 4 * time.Second, window: 6 * time.Second},
		Held: load{title: "50,000 spans/s held 10 s", rate: 50_000, hold: 10 * time.Second, warm: 13 * time.Second, window: 12 * time.Second},
	}
}

// Quick is a plan that shows that everything works; its figures mean nothing.
func Quick(binary, peer string) *Plan {
	return &Plan{
		Binary: binary, Peer: peer, Rounds: 1,
		Most: load{title: "for a moment", rate: 40_000, hold: time.Second, warm: 2500 * time.Millisecond, window: time.Second},
		Held: load{title: "for a moment", rate: 10_000, hold: time.Second, warm: 2500 * time.Millisecond, window: time.Second},
	}
}

// mostSpans bounds every load: none comes near it.
const mostSpans = 50_000_000

// figures are what one run has measured.
type figures struct {
	perSecond   float64 // spans accepted
	cpuPerSpan  float64 // us
	peak        float64 // MiB resident
	keptPercent float64
}

// run is one load on one contender.
type run struct {
	load
	contender
}

// Results are the figures of every round.
type Results map[run][]figures

// Measure runs the plan, the contenders in turn: forwards in one round, backwards in the next.
func (p *Plan) Measure(ctx context.Context, progress io.Writer) (Results, error) {
	for _, c := range p.contenders() {
		if _, err := os.Stat(c.binary); err != nil {
			return nil, fmt.Errorf("collector binary: %w; make build writes that of ours, make peer that of the peer", err)
		}
	}
	folder, err := os.MkdirTemp("", "assay-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	results := Results{}
	for round := range p.Rounds {
		contenders := p.contenders()
		if round%2 == 1 {
			slices.Reverse(contenders)
		}
		for _, l := range []load{p.Most, p.Held} {
			if round > 0 && l == p.Held {
				continue
			}
			for _, c := range contenders {
				fmt.Fprintf(progress, "round %d of %d: %s, %s\n", round+1, p.Rounds, c, l.title)
				f, err := l.measure(ctx, folder, c)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", c, l.title, err)
				}
				results[run{l, c}] = append(results[run{l, c}], f)
			}
		}
	}
	return results, nil
}

// expected is what tail_sampling is told to expect where nothing paces the input, in spans/s.
const expected = 200_000

// usualKept is the share that is kept, in percent.
const usualKept = 5

func (l load) measure(ctx context.Context, folder string, of contender) (f figures, err error) {
	perSecond := l.rate
	if perSecond == 0 {
		perSecond = expected
	}
	o := subject.Options{Kept: usualKept, Hold: l.hold, TracesPerSecond: int(perSecond) / workload.SpansPerTrace, Shards: of.shards}
	c, err := start(ctx, of.binary, folder, of.name, o)
	if err != nil {
		return f, err
	}
	p, err := startPump(ctx, c.otlp, l.rate, l.warm+l.window+10*time.Second, mostSpans)
	if err == nil {
		f, err = l.between(ctx, c, p)
		if ended := p.end(); ended != nil {
			err = ended
		}
	}
	if err == nil {
		err = l.account(ctx, c, p, of.name, &f)
	}
	if err != nil {
		err = fmt.Errorf("%w; %s", err, c.State())
	}
	if stopped := c.Stop(); err == nil {
		err = stopped
	}
	return f, err
}

// between measures between two moments under load.
func (l load) between(ctx context.Context, c *sampling, p *pump) (f figures, err error) {
	workload.Pause(ctx, l.warm)
	cpu, err := process.CPU(c.PID())
	if err != nil {
		return f, err
	}
	spans, begin := p.accepted.Load(), time.Now()
	workload.Pause(ctx, l.window)
	used, err := process.CPU(c.PID())
	if err != nil {
		return f, err
	}
	n := float64(p.accepted.Load() - spans)
	if n == 0 {
		return f, fmt.Errorf("no span was accepted in %v", l.window)
	}
	_, peak, err := process.Resident(strconv.Itoa(c.PID()))
	f.perSecond = n / time.Since(begin).Seconds()
	f.cpuPerSpan = float64(used-cpu) / float64(time.Microsecond) / n
	f.peak = float64(peak) / (1 << 20)
	return f, err
}

// account reads what the collector says of itself.
func (l load) account(ctx context.Context, c *sampling, p *pump, name subject.Name, f *figures) error {
	counters, err := c.scrape(ctx)
	if err != nil {
		return err
	}
	if in := counters.sum("otelcol_receiver_accepted_spans", "", ""); in < float64(p.accepted.Load()) {
		return fmt.Errorf("the collector counts %v spans, %d were accepted", in, p.accepted.Load())
	}
	if name != subject.Input {
		f.keptPercent = counters.keptPercent(name)
	}
	return counters.checkLosses(name)
}
