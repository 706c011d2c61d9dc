package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	oracles "github.com/assayhq/assay/internal/sentinel/oracle"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/scorecard"
)

const (
	engineHours = 12
	engineEpoch = 1_763_726_400
	engineTick  = 100 * time.Millisecond
	asksEvery   = 300 // traces: half a minute
)

// engine has the engine of smart_tail_sampling decide the sentinel's traces for half a day, and the oracle look at it all along.
func engine(o *options, p *scorecard.Part) error {
	t := scorecard.NewTable("budget", "hours", "traces", "kept", "looks", "found fault with")
	budgets := []float64{1, 5, 10, 30}
	runs := make([]*watchedEngine, len(budgets))
	err := parallel(len(budgets), func(i int) (err error) {
		runs[i], err = runEngine(budgets[i], engineHours, uint16(o.seed)+uint16(i), 0)
		return err
	})
	if err != nil {
		return err
	}
	faults, looks := 0, 0
	for i, r := range runs {
		faults, looks = faults+r.faults, looks+r.looks
		t.Row(strconv.FormatFloat(budgets[i], 'g', -1, 64)+" % of the spans", strconv.Itoa(engineHours), strconv.Itoa(r.oracle.Seen()),
			fmt.Sprintf("%.1f %%", 100*float64(r.kept)/float64(r.oracle.Seen())), strconv.Itoa(r.looks), strconv.Itoa(r.faults))
		for _, f := range r.findings {
			fmt.Fprintf(os.Stderr, "%v %%: %s\n", budgets[i], f)
		}
	}
	p.Target(faults == 0, "smart_tail_sampling found fault with", "0", "%d of %d looks", faults, looks)
	p.Section("smart_tail_sampling under the oracle", "Its engine in virtual time, with the shop's 10 traces a second and nothing else to sample; "+
		"the oracle looks every half minute.", t.String())
	return nil
}

// watchedEngine is an engine whose decisions an oracle is told.
type watchedEngine struct {
	key      *identity.Key
	oracle   *oracles.Oracle
	loses    int // every so many of the kept traces; 0: none
	kept     int
	looks    int
	faults   int
	findings []string // the first few
}

func runEngine(budget float64, hours int, instance uint16, loses int) (*watchedEngine, error) {
	s, err := stream(noticeRate)
	if err != nil {
		return nil, err
	}
	w := &watchedEngine{key: s.Key(), oracle: oracles.New(), loses: loses}
	w.oracle.Join(s)
	now := time.Unix(engineEpoch, 0)
	cfg := tailsampling.Defaults()
	cfg.Budget.Value, cfg.Shards = budget, 1
	e := tailsampling.New(cfg, w, w, func() time.Time { return now })
	ctx := context.Background()
	var plan traffic.Trace
	for slot := uint32(engineEpoch); slot < engineEpoch+uint32(hours)*3600; slot++ {
		count, sent := s.Count(slot), uint32(0)
		for step := range uint32(time.Second / engineTick) {
			now = time.Unix(int64(slot), int64(step)*int64(engineTick))
			for until := count * (step + 1) / uint32(time.Second/engineTick); sent < until; sent++ {
				s.Trace(identity.TraceID{Instance: instance, Slot: slot, Sequence: sent}, &plan)
				if err := e.Consume(ctx, spans(&plan)); err != nil {
					return nil, err
				}
			}
			e.Step()
			e.Drain(ctx)
		}
	}
	return w, e.Shutdown(ctx)
}

// spans writes a trace out, whole.
func spans(plan *traffic.Trace) ptrace.Traces {
	td := ptrace.NewTraces()
	td.ResourceSpans().EnsureCapacity(len(plan.Spans))
	for i := range plan.Spans {
		rs := td.ResourceSpans().AppendEmpty()
		plan.FillResource(i, rs.Resource())
		plan.FillSpan(i, rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty())
	}
	return td
}

var (
	_ tailsampling.Observer = (*watchedEngine)(nil)
	_ tailsampling.Next     = (*watchedEngine)(nil)
)

// Decided implements tailsampling.Observer.
func (w *watchedEngine) Decided(d *tailsampling.Decision) {
	id, ours := w.key.Open(d.TraceID)
	if !ours {
		return
	}
	weight := 0.0
	if d.Kept {
		w.kept++
	}
	if d.Kept && (w.loses == 0 || w.kept%w.loses != 0) {
		weight = math.Ldexp(1, 56) / (math.Ldexp(1, 56) - float64(d.Threshold))
	}
	w.oracle.Add(&verify.Judgement{Verdict: verify.Unknown, Trace: id, Traces: 1, Accepted: true, Weight: weight})
	if w.oracle.Seen()%asksEvery != 0 {
		return
	}
	w.looks++
	if found := w.oracle.Findings(); len(found) > 0 {
		w.faults++
		if len(w.findings) < 5 {
			w.findings = append(w.findings, fmt.Sprintf("after %d traces: %s", w.oracle.Seen(), found[0]))
		}
	}
}

// Selected implements tailsampling.Observer.
func (*watchedEngine) Selected(*tailsampling.Stats) {}

// Late implements tailsampling.Observer.
func (*watchedEngine) Late(bool, int) {}

// Lost implements tailsampling.Observer.
func (*watchedEngine) Lost(tailsampling.LossReason, int) {}

// Refused implements tailsampling.Observer.
func (*watchedEngine) Refused(int) {}

// Sent implements tailsampling.Observer.
func (*watchedEngine) Sent(int) {}

// ConsumeTraces implements tailsampling.Next.
func (*watchedEngine) ConsumeTraces(context.Context, ptrace.Traces) error { return nil }
