package smarttailsampling

import (
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tailsampling"
)

// notices logs what the engine's state says about the configuration, when it begins to say so.
type notices struct {
	logger    *zap.Logger
	rules     bool   // exceed the budget
	notRandom bool   // are the ids
	large     uint64 // traces that cost more than the budget holds at a time
}

func (n *notices) look(s *tailsampling.Stats) {
	if s.RulesExceed && !n.rules {
		n.logger.Warn("Keep rules take more than the budget less its baseline. What they match is kept all the same; all other traces share the " +
			"baseline. Raise budget, or let such rules keep less: action: probability")
	}
	n.rules = s.RulesExceed
	if s.Large > n.large && n.large == 0 {
		n.logger.Warn("A trace costs more than the budget holds at a time. Such traces are seldom kept, and what is spent on one is not there "+
			"for others: see reason=\"large\" in the metric of traces. This is logged once", zap.Uint64("traces", s.Large))
	}
	n.large = s.Large
	if s.NotRandom > 0 && !n.notRandom {
		n.logger.Warn("Trace ids are not random in their low 56 bits, or a sampler in front has chosen by them: too many or too few traces are "+
			"kept, and adjusted counts are wrong. Set randomness: hash. This is logged once", zap.Uint64("traces", s.NotRandom))
	}
	n.notRandom = s.NotRandom > 0
}
