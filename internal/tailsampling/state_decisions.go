package tailsampling

import (
	"math"
	"time"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tracestate"
)

// maxSavedDecisions bounds how many decisions a state holds. They take some 20 bytes each.
const maxSavedDecisions = 250_000

// longestAgo is the longest time ago that is told apart, in ns: so long that sums of two do not overflow.
const longestAgo = math.MaxInt64 / 4

// savedDecision is a decision as it is saved, for late spans that come after a restart.
type savedDecision struct {
	key    uint64
	kept   bool          // from which cache
	before time.Duration // how long ago the last span came
	verdict
}

func (s *savedDecision) code(c *statecodec.Codec) {
	const inKept = 1 << 7
	c.Uint64(&s.key)
	flags := int64(s.flags)
	if s.kept {
		flags |= inKept
	}
	c.Int(&flags, 0, math.MaxUint8)
	s.kept, s.flags = flags&inKept != 0, verdictFlags(flags&^inKept)
	threshold, randomness := int64(s.threshold), int64(s.randomness)
	c.Int(&threshold, 0, int64(tracestate.RandomnessEnd)-1)
	if s.flags&verdictRV != 0 {
		c.Int(&randomness, 0, int64(tracestate.RandomnessEnd)-1)
	}
	s.threshold, s.randomness = uint64(threshold), uint64(randomness)
	before := int64(s.before)
	c.Int(&before, 0, longestAgo)
	s.before = time.Duration(before)
}

// lateWindow is how old the decisions are that are saved: late spans have mostly come by then, and all that learning looks at.
func (c *Config) lateWindow() time.Duration { return 2 * c.Completion.MaxWait }

// latestDecisions are those of a shard within the window, at most so many.
func (s *shard) latestDecisions(now, window time.Duration, most int) []savedDecision {
	s.Lock()
	defer s.Unlock()
	var out []savedDecision
	for _, c := range []*decisionCache{&s.kept, &s.dropped} {
		for _, generation := range []map[uint64]verdict{c.young, c.old} {
			for key, v := range generation {
				if before := max(0, now-v.last); before <= window && len(out) < most {
					out = append(out, savedDecision{key: key, kept: c == &s.kept, before: before, verdict: v})
				}
			}
		}
	}
	return out
}

// writeDecisions writes the decisions of a shard.
func (w *stateWriter) writeDecisions(s *shard) {
	d := w.d
	for _, saved := range s.latestDecisions(d.clock.Now(), d.cfg.lateWindow(), maxSavedDecisions/len(d.shards)) {
		w.c.More(true)
		saved.code(w.c)
	}
}

// readDecisions reads what there is of them, as long ago as they were when the state was written.
func (r *stateReader) readDecisions(away time.Duration) {
	for r.c.More(false) {
		var s savedDecision
		s.code(r.c)
		if len(r.decisions) < maxSavedDecisions {
			s.before = min(s.before+min(away, longestAgo), longestAgo)
			r.decisions = append(r.decisions, s)
		}
	}
}

// remember puts decisions that were read where late spans look for them.
func (a *assembly) remember(decisions []savedDecision, now time.Duration) {
	for i := range decisions {
		saved := &decisions[i]
		s := a.shards[a.shardOfKey(saved.key)]
		v := saved.verdict
		v.last, v.shape = now-saved.before, none // the shape under watch is another one now
		s.Lock()
		if saved.kept {
			s.kept.put(saved.key, v, now)
		} else {
			s.dropped.put(saved.key, v, now)
		}
		s.Unlock()
	}
}
