package smarttailsampling

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/internal/tailsampling"
)

// Each state is logged when it begins, and not again while it lasts.
func TestNoticesAreLoggedWhenTheyBegin(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	n := notices{logger: zap.New(core)}
	for _, c := range []struct {
		stats tailsampling.Stats
		want  string
	}{
		{tailsampling.Stats{}, ""},
		{tailsampling.Stats{RulesExceed: true}, "Keep rules take more"},
		{tailsampling.Stats{RulesExceed: true, Large: 1}, "costs more than the budget holds"},
		{tailsampling.Stats{Large: 2}, ""},
		{tailsampling.Stats{RulesExceed: true, Large: 2}, "Keep rules take more"},
		{tailsampling.Stats{RulesExceed: true, Large: 2, NotRandom: 512}, "Set randomness: hash"},
		{tailsampling.Stats{RulesExceed: true, Large: 2, NotRandom: 1024}, ""},
	} {
		n.look(&c.stats)
		got := logs.TakeAll()
		if c.want == "" {
			assert.Empty(t, got)
		} else if assert.Len(t, got, 1) {
			assert.Contains(t, got[0].Message, c.want)
		}
	}
}
