package tailsampling

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/tracesketch"
)

// play feeds a learner with spells of one shape: gap returns after how long the next span comes, 0 for never.
func play(l *gapLearner, s *tracesketch.Structure, perSecond int, d time.Duration, gap func() time.Duration) uint32 {
	type event struct {
		at    time.Duration
		class uint32
		gap   time.Duration
	}
	var pending []event
	class := none
	step := time.Second / time.Duration(perSecond)
	for now := time.Duration(0); now < d; now += step {
		l.tick(now, step)
		class = l.class(s)
		if c := l.watch(class, now); c != none {
			if g := gap(); g > 0 {
				pending = append(pending, event{now + g, c, g})
			}
		}
		rest := pending[:0]
		for _, e := range pending {
			if e.at <= now {
				l.ended(e.class, e.gap)
			} else {
				rest = append(rest, e)
			}
		}
		pending = rest
	}
	return class
}

func complete() *tracesketch.Structure { return &tracesketch.Structure{Root: 0, Path: 7, Endpoint: 9} }

func incomplete() *tracesketch.Structure {
	return &tracesketch.Structure{Root: -1, MissingParents: 1, Path: 8}
}

func TestGapLearner(t *testing.T) {
	r := rand.New(rand.NewChaCha8([32]byte{5}))
	exponential := func(mean time.Duration, share float64) func() time.Duration {
		return func() time.Duration {
			if r.Float64() >= share {
				return 0
			}
			return 100*time.Millisecond + time.Duration(r.ExpFloat64()*float64(mean))
		}
	}
	cfg := Defaults().Completion
	cases := []struct {
		name     string
		shape    *tracesketch.Structure
		lasts    time.Duration
		gap      func() time.Duration
		low, top time.Duration
	}{
		{"nothing seen", complete(), 0, nil, cfg.InitialWait, cfg.InitialWait},
		{"not watched long enough", complete(), 5 * time.Second, exponential(time.Second, 0), cfg.InitialWait, cfg.InitialWait},
		{"always final", complete(), time.Minute, exponential(time.Second, 0), cfg.MinWait, cfg.MinWait},
		// 10 % go on, after 0.1 s plus a mean of 0.4 s: 0.1 e^(-x/0.4) = 0.001 at x = 1.84 s.
		{"a tail", complete(), 3 * time.Minute, exponential(400*time.Millisecond, 0.1), 1500 * time.Millisecond, 3 * time.Second},
		// The slow tail is censored by the present for most spells, and must not be overlooked for that.
		{"a slow tail", complete(), 3 * time.Minute, exponential(8*time.Second, 0.05), 20 * time.Second, 45 * time.Second},
		{"a root that always comes", incomplete(), time.Minute, exponential(time.Second, 1), cfg.MaxWait, cfg.MaxWait},
		{"a root that hardly ever comes", incomplete(), time.Minute, exponential(100*time.Millisecond, 0.01), 200 * time.Millisecond, time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newGapLearner(cfg, 64<<20)
			class := play(l, c.shape, 100, c.lasts, c.gap)
			if class == none {
				class = l.class(c.shape)
			}
			w := l.wait(class, c.shape.Complete())
			assert.GreaterOrEqual(t, w, c.low)
			assert.LessOrEqual(t, w, c.top)
		})
	}
}

func TestGapLearnerIsBounded(t *testing.T) {
	l := newGapLearner(Defaults().Completion, 64<<20)
	for i := range 3 * maxGapClasses {
		l.tick(time.Duration(i)*time.Millisecond, time.Millisecond)
		c := l.class(&tracesketch.Structure{Path: tracesketch.Path(i), Endpoint: tracesketch.Operation(i)})
		l.watch(c, time.Duration(i)*time.Millisecond)
	}
	assert.LessOrEqual(t, len(l.classes), maxGapClasses)
	assert.LessOrEqual(t, len(l.spells), maxSpells)
}

// Kinds of traces that come up long after the start are waited for, however soon others are complete.
func TestNewKindsAreWaitedFor(t *testing.T) {
	const later = 3 * time.Second
	root := func(svc string) spec { return spec{id: 1, service: svc, name: "job", end: 4 * time.Second} }
	child := func(svc string) spec { return spec{id: 2, parent: 1, service: svc, name: "step", end: time.Second} }
	orphan := func(svc string) spec { return spec{id: 3, parent: 9, service: svc, name: "step", end: time.Second} }
	for name, kind := range map[string]func(n string) (first, second spec){
		"the root comes late":         func(n string) (spec, spec) { return child(n), root(n) },
		"an asynchronous child":       func(n string) (spec, spec) { return root(n), child(n) },
		"a parent that never comes":   func(n string) (spec, spec) { return orphan(n), spec{id: 4, parent: 3, service: n, name: "mail"} },
		"a new child of a known root": func(n string) (spec, spec) { return spec{id: 1, service: "web", name: "GET /"}, child("mailer" + n) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, all)
			n := 0
			usual := func(d time.Duration) {
				for end := h.now.Add(d); h.now.Before(end); h.pass(50 * time.Millisecond) {
					n++
					h.send(makeBatch(traceID(n, 0.5), spec{id: 1, service: "web", name: "GET /"}, spec{id: 2, parent: 1, service: "web", name: "q"}))
				}
			}
			usual(40 * time.Second)
			for i := range 3 {
				n++
				id := traceID(n, 0.5)
				first, second := kind(string(rune('a' + i)))
				h.send(makeBatch(id, first))
				usual(later)
				h.send(makeBatch(id, second))
				usual(11 * time.Second)
				assert.Equal(t, 2, h.decisions[id].Spans, "decided whole")
			}
		})
	}
}
