package verify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// stranger is a generator of the same stream under another instance, whose configuration is another.
type stranger struct {
	*traffic.Stream
	instance uint16
	since    uint32
}

func newStranger(t *testing.T, rate float64) stranger {
	return stranger{newStream(t, func(c *traffic.Config) { c.Rate = rate }), instance + 1, noon}
}

// sends lets its traces of a slot arrive.
func (s stranger) sends(b *bench, slot uint32) {
	for n := range s.Count(slot) {
		var plan traffic.Trace
		s.Trace(identity.TraceID{Instance: s.instance, Stream: s.Config().Number, Slot: slot, Sequence: n}, &plan)
		b.Observe(b.now(), rendered(&plan))
	}
}

// tells lets its manifest of a slot arrive.
func (s stranger) tells(b *bench, slot uint32) {
	m := &traffic.Manifest{
		Instance: s.instance, Stream: s.Config().Number, Slot: slot, Run: 99, Since: s.since, Configuration: s.Fingerprint(),
		Slots: []traffic.SlotReport{{Slot: slot, Attempted: s.Count(slot), Accepted: s.Count(slot)}},
	}
	td := ptrace.NewTraces()
	m.Append(s.Key(), td)
	b.Observe(b.now(), td)
}

// foreign are the configurations that are not the one here.
func (b *bench) foreign() (all []string) {
	for _, s := range b.State().Sources {
		if s.Foreign != "" {
			all = append(all, s.Foreign)
		}
	}
	return all
}

// The spans of a generator come before it has told its configuration. If that is another, nothing is said of them, but that, while
// it sends; and when it has gone, it is forgotten.
func TestSpansBeforeTheFirstWordOfAnotherConfiguration(t *testing.T) {
	for name, rate := range map[string]float64{"slower": 5, "faster": 20} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			own, other := life{run: 1, since: noon}, newStranger(t, rate)
			other.since = noon + 11 // it was started again before its first word came
			b.pass(time.Second)
			b.live(noon, noon+30, func(slot uint32) {
				own.sends(b, slot)
				if slot < noon+10 || slot >= noon+20 {
					return
				}
				other.sends(b, slot)
				if slot > noon+11 {
					other.tells(b, slot)
					assert.Equal(t, []string{other.Fingerprint()}, b.foreign())
				}
			})
			b.live(noon+30, noon+120, func(slot uint32) { own.sends(b, slot) })
			assert.Empty(t, b.foreign())
			state := b.State()
			assert.Len(t, state.Sources, 1)
			for v := Late; v <= Unknown; v++ {
				assert.Zero(t, state.Verdicts[v], "%v: %+v", v, b.judgements)
			}
			assert.Positive(t, state.Verdicts[Delivered])
		})
	}
}

// While spans of another configuration come, it is named, even if its manifests are lost.
func TestAnotherConfigurationIsNamedWhileItSends(t *testing.T) {
	b := newBench(t, nil)
	other := newStranger(t, 5)
	b.pass(time.Second)
	b.live(noon, noon+200, func(slot uint32) {
		other.sends(b, slot)
		if slot == noon {
			other.tells(b, slot)
		}
		assert.NotEmpty(t, b.foreign())
	})
	assert.Empty(t, b.judgements)
	b.pass(80 * time.Second)
	assert.Empty(t, b.State().Sources)
}

// A source of which no word comes is judged after LostAfter, and what was unexpected is not forgotten over it.
func TestSourceWithoutAWordIsJudgedInTheEnd(t *testing.T) {
	b := newBench(t, nil)
	faster := newStranger(t, 20)
	b.pass(2 * time.Second)
	faster.sends(b, noon)
	b.arrive(noon, upTo(10)...)
	b.pass(14 * time.Second)
	assert.Empty(t, b.judgements)
	b.pass(2 * time.Second)
	assert.Equal(t, some(Delivered, 10), b.verdicts(noon))
	assert.Equal(t, uint64(10), b.State().Verdicts[Unexpected], "sequences 10 to 19")
	b.pass(160 * time.Second)
	assert.Empty(t, b.State().Sources, "and forgotten")
}

// The first word of a generator of our configuration releases what was held.
func TestFirstWordReleasesVerdicts(t *testing.T) {
	b := newBench(t, nil)
	b.pass(2 * time.Second)
	sealed(func(id *identity.TraceID) { id.Sequence = 10 })(b)
	b.pass(time.Second)
	require.Empty(t, b.judgements)
	b.tell(false, 1, noon, b.report(noon))
	b.pass(time.Second)
	require.Len(t, b.judgements, 1)
	assert.Equal(t, Unexpected, b.judgements[0].Verdict)
}

// Sources that never say a word do not fill the room of others.
func TestSourcesWithoutAWordMakeRoom(t *testing.T) {
	b := newBench(t, nil)
	other := newStranger(t, 1)
	b.pass(2 * time.Second)
	for i := range uint16(maxSources + 10) {
		other.instance = instance + 1 + i
		other.sends(b, noon)
	}
	assert.Len(t, b.State().Sources, maxSources)
	b.pass(200 * time.Second)
	assert.Empty(t, b.State().Sources)
	b.arrive(noon+200, 0)
	assert.Len(t, b.State().Sources, 1)
}
