package traffic

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/sentinel/identity"
)

func manifest() *Manifest {
	return &Manifest{
		Instance: 7, Stream: 1, Slot: noon + 3, Run: 0x5f3a9c0d11223344, Since: noon, Configuration: "0a1b2c3d",
		Slots: []SlotReport{
			{Slot: noon, Attempted: 10, Accepted: 10, Exceptions: []Exception{{9, 9, Held}}},
			{Slot: noon + 1, Attempted: 9, Accepted: 6, Refused: 2, Open: 1, Exceptions: []Exception{{1, 1, Retried}, {3, 4, Refused}, {8, 8, InFlight}, {9, 9, Skipped}}},
			{Slot: noon + 2, Attempted: 1000, Accepted: 500, Refused: 500, Truncated: true},
		},
	}
}

func sent(t testing.TB, m *Manifest) (*identity.Key, ptrace.Traces, ptrace.Span) {
	t.Helper()
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	td := ptrace.NewTraces()
	m.Append(key, td)
	return key, td, td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
}

func TestManifest(t *testing.T) {
	m := manifest()
	key, td, span := sent(t, m)
	text, _ := span.Attributes().Get(ManifestName)
	assert.Equal(t, "1 run=5f3a9c0d11223344 since=1763726400 configuration=0a1b2c3d 1763726400=10/10/0/0;held:9-9 "+
		"1763726401=9/6/2/1;retried:1-1;refused:3-4;open:8-8;skipped:9-9 1763726402=1000/500/500/0;truncated", text.Str())
	service, _ := td.ResourceSpans().At(0).Resource().Attributes().Get("service.name")
	assert.Equal(t, ManifestService, service.Str())
	id, ours := key.Open(span.TraceID())
	require.True(t, ours)
	assert.True(t, IsManifest(id))
	index, ours := key.OpenSpan(id, span.SpanID())
	assert.True(t, ours && index == 0)
	read, err := ReadManifest(key, id, span)
	require.NoError(t, err)
	assert.Equal(t, m, read)

	for sequence, want := range map[uint32]State{0: 0, 1: Retried, 3: Refused, 4: Refused, 5: 0, 8: InFlight, 9: Skipped} {
		state, known := read.Slots[1].State(sequence)
		assert.True(t, known)
		assert.Equal(t, want, state)
	}
	_, known := read.Slots[2].State(5)
	assert.False(t, known)
}

// A manifest that was changed, taken from another slot, or made without the key is not believed.
func TestForgedManifests(t *testing.T) {
	key, _, span := sent(t, manifest())
	id, _ := key.Open(span.TraceID())
	text, _ := span.Attributes().Get(ManifestName)
	original := text.Str()
	for _, forged := range []string{strings.Replace(original, "6/2/1", "7/1/1", 1), original + " ", ""} {
		span.Attributes().PutStr(ManifestName, forged)
		_, err := ReadManifest(key, id, span)
		require.ErrorIs(t, err, ErrForged)
	}
	span.Attributes().PutStr(ManifestName, original)
	elsewhere := id
	elsewhere.Slot++
	_, err := ReadManifest(key, elsewhere, span)
	require.ErrorIs(t, err, ErrForged)
	span.Attributes().PutInt(SignatureName, 5)
	_, err = ReadManifest(key, id, span)
	require.ErrorIs(t, err, ErrForged)
	span.Attributes().Remove(SignatureName)
	_, err = ReadManifest(key, id, span)
	require.ErrorIs(t, err, ErrForged)
	span.Attributes().PutStr(ManifestName, strings.Repeat("x", maxManifestBytes+1))
	_, err = ReadManifest(key, id, span)
	require.EqualError(t, err, "attribute assay.sentinel.manifest: must have at most 32768 bytes, got 32769")
	span.Attributes().Clear()
	_, err = ReadManifest(key, id, span)
	require.EqualError(t, err, "the span has no attribute assay.sentinel.manifest")
}

func TestManifestsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Manifest{Run: rapid.Uint64().Draw(t, "run"), Since: rapid.Uint32().Draw(t, "since"), Configuration: "01234567"}
		for range rapid.IntRange(0, 9).Draw(t, "slots") {
			r := SlotReport{
				Slot: rapid.Uint32().Draw(t, "slot"), Accepted: rapid.Uint32Range(0, 1<<30).Draw(t, "accepted"),
				Refused: rapid.Uint32Range(0, 1<<30).Draw(t, "refused"), Open: rapid.Uint32Range(0, 1<<30).Draw(t, "open"),
			}
			r.Attempted = r.Accepted + r.Refused + r.Open
			for range rapid.IntRange(0, 9).Draw(t, "exceptions") {
				first := rapid.Uint32Range(0, 1<<30).Draw(t, "first")
				r.Exceptions = append(r.Exceptions, Exception{first, first + rapid.Uint32Range(0, 9).Draw(t, "more"), State(rapid.IntRange(1, 4).Draw(t, "state"))})
			}
			m.Slots = append(m.Slots, r)
		}
		read := &Manifest{}
		require.NoError(t, read.parse(m.text()))
		require.Equal(t, m, read)
	})
}

// However many slots and exceptions there are, the text has a bounded size, and what was left out is unknown, not fine.
func TestManifestsAreBounded(t *testing.T) {
	m := manifest()
	m.Slots = nil
	for slot := range uint32(1000) {
		r := SlotReport{Slot: noon + slot, Attempted: 1 << 30, Accepted: 1 << 30}
		for n := range slot % 300 {
			r.Exceptions = append(r.Exceptions, Exception{1<<30 + 2*n, 1<<30 + 2*n, InFlight})
		}
		m.Slots = append(m.Slots, r)
	}
	key, _, span := sent(t, m)
	id, _ := key.Open(span.TraceID())
	read, err := ReadManifest(key, id, span)
	require.NoError(t, err)
	require.Len(t, read.Slots, maxManifestSlots)
	assert.Equal(t, uint32(noon+999), read.Slots[maxManifestSlots-1].Slot)
	for _, r := range read.Slots {
		assert.True(t, r.Truncated || len(r.Exceptions) == int(r.Slot-noon)%300)
	}
}

// Only a holder of the key gets as far as the parser; it bears anything all the same.
func FuzzManifestText(f *testing.F) {
	f.Add(manifest().text())
	f.Add("1 run=0 since=0 configuration= 5=1/1/0/0;refused:1-0")
	f.Fuzz(func(t *testing.T, text string) {
		m := &Manifest{}
		if err := m.parse(text); err != nil {
			return
		}
		again := &Manifest{}
		require.NoError(t, again.parse(m.text()))
		require.Equal(t, m, again)
	})
}
