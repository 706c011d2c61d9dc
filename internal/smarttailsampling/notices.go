package smarttailsampling

import (
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tailsampling"
)

// notice is something about the configuration that the engine's state has brought to light.
type notice struct {
	message string
	holds   func(*tailsampling.Stats) bool
	detail  func(*tailsampling.Stats) []zap.Field
}

// allNotices are those there are. What counts traces since the start holds on once it holds.
var allNotices = [...]notice{
	{
		message: "Keep rules take more than the budget less its baseline. What they match is kept all the same; all other traces share the " +
			"baseline. Raise budget, or let such rules keep less: action: probability",
		holds: func(s *tailsampling.Stats) bool { return s.RulesExceed },
	},
	{
		message: "A trace costs more than the budget holds at a time. Such traces are seldom kept, and what is spent on one is not there " +
			"for others: see reason=\"large\" in the metric of traces",
		holds:  func(s *tailsampling.Stats) bool { return s.Large > 0 },
		detail: func(s *tailsampling.Stats) []zap.Field { return []zap.Field{zap.Uint64("traces", s.Large)} },
	},
	{
		message: "Trace ids are not random in their low 56 bits, or a sampler in front has chosen by them: too many or too few traces are " +
			"kept, and adjusted counts are wrong. Set randomness: hash",
		holds:  func(s *tailsampling.Stats) bool { return s.NotRandom > 0 },
		detail: func(s *tailsampling.Stats) []zap.Field { return []zap.Field{zap.Uint64("traces", s.NotRandom)} },
	},
}

// notices logs each when it begins to hold, and not again while it does.
type notices struct {
	logger *zap.Logger
	held   [len(allNotices)]bool
}

func (n *notices) look(s *tailsampling.Stats) {
	for i := range allNotices {
		a := &allNotices[i]
		holds := a.holds(s)
		if holds && !n.held[i] {
			var fields []zap.Field
			if a.detail != nil {
				fields = a.detail(s)
			}
			n.logger.Warn(a.message, fields...)
		}
		n.held[i] = holds
	}
}

// noticed are the messages of those that hold.
func noticed(s *tailsampling.Stats) []string {
	var out []string
	for i := range allNotices {
		if allNotices[i].holds(s) {
			out = append(out, allNotices[i].message)
		}
	}
	return out
}
