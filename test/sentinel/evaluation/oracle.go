package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"

	"github.com/assayhq/assay/internal/sentinel/identity"
	oracles "github.com/assayhq/assay/internal/sentinel/oracle"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/samplers"
)

// oracleTraces is how many traces an oracle sees in a run: 17 minutes at 10 traces a second.
const oracleTraces = 10_000

// oracle shows samplers to oracles: honest ones must be believed, and those that cheat found out.
func oracle(o *options, p *scorecard.Part) error {
	s, err := stream(noticeRate)
	if err != nil {
		return err
	}
	honest := samplers.Honest(1, 0.2)
	t := scorecard.NewTable("sampler", "honest", "runs", "found fault with")
	var falsely, rightly, fair, unfair int
	for _, one := range []struct {
		name   string
		honest bool
		model  samplers.Model
	}{
		{"keeps all that fail or are slow, and 20 % of the others", true, honest},
		{"keeps all that fail or are slow, and 1 % of the others", true, samplers.Honest(1, 0.01)},
		{"keeps half of those that fail or are slow, and 5 % of the others", true, samplers.Honest(0.5, 0.05)},
		{"keeps everything", true, samplers.Coin(1)},
		{"flips coins, 20 %", false, samplers.Coin(0.2)},
		{"the first, but a fifth of what it keeps is lost", false, samplers.Forgetful(honest, 0.2)},
		{"the first, but states adjusted counts that are 40 % too large", false, samplers.Boasting(honest, 1.4)},
		{"the first, but states adjusted counts that are 30 % too small", false, samplers.Boasting(honest, 0.7)},
		{"the first, but drops every trace of one endpoint", false, samplers.Hiding(honest, "frontend/POST /cart")},
	} {
		runs := max(10, o.trials/10)
		var found atomic.Int64
		err := parallel(runs, func(i int) error {
			if problems := judgeSampler(s, one.model, o.seed+uint64(i)); len(problems) > 0 {
				found.Add(1)
			}
			return nil
		})
		if err != nil {
			return err
		}
		n := int(found.Load())
		yes := "yes"
		if one.honest {
			fair, falsely = fair+runs, falsely+n
		} else {
			yes = "no"
			unfair, rightly = unfair+runs, rightly+n
		}
		t.Row(one.name, yes, strconv.Itoa(runs), strconv.Itoa(n))
	}
	p.Target(falsely == 0, "honest samplers that are found fault with", "0", "%d of %d runs", falsely, fair)
	p.Target(rightly == unfair, "samplers that cheat and are found out", "all", "%d of %d runs", rightly, unfair)
	p.Section("Sampling oracle", fmt.Sprintf("Samplers that decide by what is in a trace, each over %d traces of the shop. "+
		"(Of samplers with a fixed probability, every single decision is checked; see the tests with `probabilistic_sampler`.)", oracleTraces), t.String())
	return nil
}

func judgeSampler(s *traffic.Stream, model samplers.Model, seed uint64) []string {
	o := oracles.New()
	o.Join(s)
	r := rand.New(rand.NewPCG(seed, 3))
	var plan traffic.Trace
	for i := range uint32(oracleTraces) {
		id := identity.TraceID{Instance: uint16(seed), Slot: 1_763_726_400 + i/noticeRate, Sequence: i % noticeRate}
		s.Trace(id, &plan)
		o.Add(&verify.Judgement{Verdict: verify.Unknown, Trace: id, Traces: 1, Accepted: true, Weight: model(r, &plan)})
	}
	return o.Findings()
}
