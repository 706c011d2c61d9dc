package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// life is one run of a generator with the bench's configuration, or another.
type life struct {
	run           uint64
	since         uint32
	direct        bool
	configuration string // another
}

// manifest is what the run tells at the end of a slot.
func (l life) manifest(b *bench, slot uint32) *traffic.Manifest {
	m := &traffic.Manifest{Instance: instance, Slot: slot, Run: l.run, Since: l.since, Configuration: b.stream.Fingerprint()}
	if l.configuration != "" {
		m.Configuration = l.configuration
	}
	for n := max(l.since, slot-repeats+1); n <= slot; n++ {
		m.Slots = append(m.Slots, b.report(n))
	}
	return m
}

// tells lets the manifest of a slot arrive, through the pipeline and, if the run is told directly, on that road before.
func (l life) tells(b *bench, slot uint32) {
	m := l.manifest(b, slot)
	if l.direct {
		b.Told(b.now(), m)
	}
	td := ptrace.NewTraces()
	m.Append(b.stream.Key(), td)
	b.Observe(b.now(), td)
}

// sends lets all of a slot arrive, and what is told of it.
func (l life) sends(b *bench, slot uint32) {
	b.arrive(slot, upTo(b.stream.Count(slot))...)
	l.tells(b, slot)
}

// live lets a second pass for each slot, at whose end something happens.
func (b *bench) live(from, to uint32, do func(slot uint32)) {
	for slot := from; slot < to; slot++ {
		b.pass(time.Second)
		do(slot)
	}
}

// Manifests of an earlier run that come late, out of a queue or a file, do not make the present run silent.
func TestOldManifestsAreNotARestart(t *testing.T) {
	for name, c := range map[string]struct{ direct, early bool }{
		"told directly": {direct: true}, "told through the pipeline": {}, "some come first": {early: true}, "some come first, told directly": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			old, now := life{run: 1, since: noon - 20}, life{run: 2, since: noon, direct: c.direct}
			b.pass(time.Second)
			if c.early { // before anything is known of the present one
				old.tells(b, noon-12)
			}
			b.live(noon, noon+60, func(slot uint32) {
				now.sends(b, slot)
				if slot >= noon+10 && slot < noon+22 {
					old.tells(b, slot-30)
				}
				state := b.State()
				assert.False(t, state.Sources[0].Silent, slot-noon)
				assert.Equal(t, c.direct, state.Sources[0].Direct)
				assert.False(t, state.TwoRuns)
			})
			for slot := uint32(noon); slot < noon+40; slot++ {
				assert.Equal(t, some(Delivered, 10), b.verdicts(slot), slot-noon)
			}
			assert.Zero(t, b.State().Verdicts[Unknown])
		})
	}
}

// Copies of what the present run has told before do not hide that it is silent.
func TestCopiesOfManifestsAreNoSignOfLife(t *testing.T) {
	b := newBench(t, nil)
	l := life{run: 1, since: noon}
	b.pass(time.Second)
	b.live(noon, noon+10, func(slot uint32) { l.sends(b, slot) })
	b.live(noon+10, noon+20, func(uint32) { l.tells(b, noon+9) })
	assert.True(t, b.State().Sources[0].Silent)
}

// What is told directly is not put aside for what comes through the pipeline.
func TestRunOnAnotherRoadStaysPresent(t *testing.T) {
	b := newBench(t, nil)
	own, twin := life{run: 1, since: noon, direct: true}, life{run: 2, since: noon + 5}
	b.pass(time.Second)
	b.live(noon, noon+30, func(slot uint32) {
		if slot >= twin.since {
			twin.tells(b, slot)
		}
		own.sends(b, slot)
	})
	assert.True(t, b.State().TwoRuns)
	b.live(noon+30, noon+130, func(slot uint32) {
		own.sends(b, slot)
		assert.False(t, b.State().Sources[0].Silent)
	})
	assert.False(t, b.State().TwoRuns)
	assert.Equal(t, some(Unknown, 10), b.verdicts(noon+10))
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon+35))
}

// When one of two generators with one instance has left, the other is heard again, whichever came first.
func TestOneOfTwoGeneratorsLeaves(t *testing.T) {
	first, second := life{run: 1, since: noon}, life{run: 2, since: noon + 10}
	for name, survivor := range map[string]life{"the second": first, "the first": second} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.pass(time.Second)
			b.live(noon, noon+10, func(slot uint32) { first.sends(b, slot) })
			b.live(noon+10, noon+30, func(slot uint32) { first.sends(b, slot); second.sends(b, slot) })
			assert.True(t, b.State().TwoRuns)
			b.live(noon+30, noon+130, func(slot uint32) {
				survivor.sends(b, slot)
				if slot > noon+38 {
					assert.False(t, b.State().Sources[0].Silent, slot-noon)
				}
			})
			assert.False(t, b.State().TwoRuns)
			assert.Equal(t, some(Delivered, 10), b.verdicts(noon+5))
			assert.Equal(t, some(Unknown, 10), b.verdicts(noon+20))
			for slot := uint32(noon + 30); slot < noon+120; slot++ {
				assert.Equal(t, some(Delivered, 10), b.verdicts(slot), slot-noon)
			}
			b.pass(10 * time.Second)
			assert.True(t, b.State().Sources[0].Silent, "then there is nobody")
		})
	}
}

// A second generator of another configuration makes all unknown while it sends, by name, and no longer.
func TestTwinWithAnotherConfiguration(t *testing.T) {
	b := newBench(t, nil)
	own, twin := life{run: 1, since: noon}, life{run: 2, since: noon + 10, configuration: "0badc0de"}
	b.pass(time.Second)
	b.live(noon, noon+10, func(slot uint32) { own.sends(b, slot) })
	b.live(noon+10, noon+30, func(slot uint32) {
		twin.tells(b, slot)
		own.sends(b, slot)
		assert.Equal(t, "0badc0de", b.State().Sources[0].Foreign)
	})
	b.live(noon+30, noon+130, func(slot uint32) {
		own.sends(b, slot)
		if slot > noon+38 {
			assert.Empty(t, b.State().Sources[0].Foreign)
			assert.False(t, b.State().Sources[0].Silent)
		}
	})
	state := b.State()
	assert.Zero(t, state.Overdue)
	for v := Late; v <= Unexpected; v++ {
		assert.Zero(t, state.Verdicts[v], v)
	}
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon+9))
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon+50))
}
