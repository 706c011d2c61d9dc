package scenarios

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/sampling/synthetic"
)

// Scenario is traces, a sampler, and when the traces come.
type Scenario struct {
	Name   string
	Traces func() ([]*simulate.Trace, error)
	Config func(*tailsampling.Config) // from the defaults
	Rate   float64                    // traces a second; 0: as recorded
	Slow   bool                       // takes a tenth of a second a run and more
	// Uneven says that estimates rest on few traces with small probabilities beside many with large ones, so that 95 %
	// intervals hold less often: estimates are right in the mean all the same.
	Uneven bool
}

// Repeat runs a scenario with a number of seeds from the first on.
func (s *Scenario) Repeat(ctx context.Context, first uint64, seeds int) (*simulate.Summary, error) {
	traces, err := s.Traces()
	if err != nil {
		return nil, err
	}
	cfg := tailsampling.Defaults()
	s.Config(&cfg)
	_, sum, err := simulate.Repetition{
		Config: cfg, Schedule: simulate.Schedule{Seed: first, Rate: s.Rate}, Seeds: seeds, Workers: runtime.GOMAXPROCS(0),
	}.Run(ctx, traces)
	return sum, err
}

// Unbiased lists the circumstances under which adjusted counts must add up. dir holds the recorded traces of the repository.
func Unbiased(dir string) []Scenario {
	var list []Scenario
	hotrod, mixed := Recorded(dir, "hotrod"), Recorded(dir, "mixed")
	for _, p := range []float64{1, 5, 20, 50} {
		list = append(list,
			Scenario{Name: fmt.Sprintf("hotrod, %v %%", p), Traces: hotrod, Rate: 50, Config: Percent(p)},
			Scenario{Name: fmt.Sprintf("mixed, %v %%", p), Traces: mixed, Rate: 50, Config: Percent(p)},
			Scenario{Name: fmt.Sprintf("synthetic, %v %%", p), Traces: Made(nil), Rate: 100, Config: Percent(p)})
	}
	many := Made(func(o *synthetic.Options) { o.Traces = 12_000 })
	return append(list,
		Scenario{Name: "12,000 traces, 1 %", Traces: many, Rate: 400, Config: Percent(1), Slow: true},
		Scenario{Name: "12,000 traces, 5 %", Traces: many, Rate: 400, Config: Percent(5), Slow: true},
		Scenario{
			Name: "half came in with ot=th:c", Rate: 100, Config: Percent(20),
			Traces: Made(func(o *synthetic.Options) { o.Presampled, o.Probability = 0.5, 0.25 }),
		},
		Scenario{
			Name: "late spans", Rate: 100, Config: both(Percent(20), func(c *tailsampling.Config) {
				c.Completion.InitialWait, c.Completion.MaxWait = time.Second, 4*time.Second
			}),
			Traces: Made(func(o *synthetic.Options) { o.Late, o.LateBy = 0.2, 5*time.Second }),
		},
		Scenario{
			Name: "hard cap in a 10x burst", Config: both(SpansPerSecond(250), Quick),
			Traces: Made(func(o *synthetic.Options) { o.Burst, o.BurstFrom, o.BurstFor = 10, 4*time.Second, time.Second }),
		},
		Scenario{Name: "hard cap all the time", Traces: Made(nil), Rate: 300, Config: both(SpansPerSecond(40), Quick)},
		Scenario{Name: "hard cap, error storm", Traces: hotrod, Rate: 100, Config: both(SpansPerSecond(300), Quick)},
		Scenario{Name: "traces a second", Traces: Made(nil), Rate: 100, Config: budget(tailsampling.TracesPerSecond, 20)},
		Scenario{Name: "bytes a second", Traces: Made(nil), Rate: 100, Config: budget(tailsampling.BytesPerSecond, 20_000)},
		Scenario{Name: "rules", Traces: Made(nil), Rate: 100, Config: both(Percent(20), Rules)},
		Scenario{Name: "rules that exceed the budget", Traces: Made(nil), Rate: 100, Config: both(SpansPerSecond(250), Rules), Uneven: true},
		Scenario{Name: "sparse traffic, 1 trace a second", Traces: Made(nil), Rate: 1, Config: Percent(10), Uneven: true},
		Scenario{Name: "hashed randomness", Traces: Made(nil), Rate: 100, Config: both(Percent(20), func(c *tailsampling.Config) { c.HashRandomness = true })},
		Scenario{Name: "hardly a baseline", Traces: Made(nil), Rate: 100, Config: both(Percent(20), func(c *tailsampling.Config) { c.Baseline = 0.02 }), Uneven: true},
		Scenario{Name: "short of memory", Traces: Made(nil), Rate: 300, Config: both(Percent(20), func(c *tailsampling.Config) { c.MemoryLimit = 2 << 20 })},
	)
}

// Recorded reads a recording of the repository, the first time that it is asked for.
func Recorded(dir, name string) func() ([]*simulate.Trace, error) {
	return sync.OnceValues(func() ([]*simulate.Trace, error) {
		r, err := simulate.Source{Files: []string{filepath.Join(dir, name+".jsonl.zst")}}.Load(context.Background())
		if err != nil {
			return nil, err
		}
		return r.Traces, nil
	})
}

// Made generates traces of a small system, after changes to its options.
func Made(change func(*synthetic.Options)) func() ([]*simulate.Trace, error) {
	return func() ([]*simulate.Trace, error) {
		o := synthetic.Small(7)
		if change != nil {
			change(&o)
		}
		traces, _ := synthetic.NewWorkload(o).Traces()
		return traces, nil
	}
}

// Percent is a budget of a share of the spans.
func Percent(p float64) func(*tailsampling.Config) { return budget(tailsampling.SharePercent, p) }

// SpansPerSecond is a budget of a number of spans.
func SpansPerSecond(n float64) func(*tailsampling.Config) {
	return budget(tailsampling.SpansPerSecond, n)
}

func budget(unit tailsampling.Unit, value float64) func(*tailsampling.Config) {
	return func(c *tailsampling.Config) { c.Budget = tailsampling.Budget{Unit: unit, Value: value} }
}

func both(f, g func(*tailsampling.Config)) func(*tailsampling.Config) {
	return func(c *tailsampling.Config) {
		f(c)
		g(c)
	}
}

// Quick makes the sampler decide after what is a short wait, so that short runs reach a steady state.
func Quick(c *tailsampling.Config) {
	c.Completion.InitialWait, c.Completion.MaxWait = 2*time.Second, 10*time.Second
}
