package identity

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"pgregory.net/rapid"
)

const secret = "an entirely public secret"

func newKey(t testing.TB, secret string) *Key {
	t.Helper()
	k, err := NewKey(secret)
	require.NoError(t, err)
	return k
}

func drawID(t *rapid.T) TraceID {
	return TraceID{
		Instance: rapid.Uint16().Draw(t, "instance"),
		Stream:   rapid.Uint8().Draw(t, "stream"),
		Slot:     rapid.Uint32().Draw(t, "slot"),
		Sequence: rapid.Uint32().Draw(t, "sequence"),
	}
}

func TestIDsCanBeInverted(t *testing.T) {
	k, again := newKey(t, secret), newKey(t, secret)
	rapid.Check(t, func(t *rapid.T) {
		id := drawID(t)
		index := rapid.Uint32Range(0, MaxSpans-1).Draw(t, "index")
		opened, ours := again.Open(k.Seal(id))
		require.True(t, ours)
		require.Equal(t, id, opened)
		got, ours := again.OpenSpan(id, k.SealSpan(id, index))
		require.True(t, ours)
		require.Equal(t, index, got)
		require.Equal(t, k.Seed(id), again.Seed(id))
		require.Equal(t, []pcommon.SpanID{k.SealSpan(id, 0), k.SealSpan(id, 1)}, k.SealSpans(id, 2, nil))
	})
}

// A span id belongs to its trace: copied into the neighbour that differs in one field, or under another key, it is not ours.
func TestSpanIDsAreBoundToTheirTrace(t *testing.T) {
	k, other := newKey(t, secret), newKey(t, secret+".")
	rapid.Check(t, func(t *rapid.T) {
		id := drawID(t)
		span := k.SealSpan(id, rapid.Uint32Range(0, MaxSpans-1).Draw(t, "index"))
		for _, neighbour := range []TraceID{
			{id.Instance ^ 1, id.Stream, id.Slot, id.Sequence},
			{id.Instance, id.Stream ^ 1, id.Slot, id.Sequence},
			{id.Instance, id.Stream, id.Slot ^ 1, id.Sequence},
			{id.Instance, id.Stream, id.Slot, id.Sequence ^ 1<<31},
		} {
			_, ours := k.OpenSpan(neighbour, span)
			require.False(t, ours)
			require.NotEqual(t, k.Seal(id), k.Seal(neighbour))
			require.NotEqual(t, k.Seed(id), k.Seed(neighbour))
		}
		_, ours := other.OpenSpan(id, span)
		require.False(t, ours)
		_, ours = other.Open(k.Seal(id))
		require.False(t, ours)
	})
}

// Ids that differ from ours in any one bit, random ones, and those that no tracer makes are foreign.
func TestForeignIDs(t *testing.T) {
	k := newKey(t, secret)
	id := TraceID{Instance: 7, Stream: 1, Slot: 1_763_700_000, Sequence: 42}
	sealed, span := k.Seal(id), k.SealSpan(id, 3)
	for bit := range 128 {
		changed := sealed
		changed[bit/8] ^= 1 << (bit % 8)
		_, ours := k.Open(changed)
		assert.Falsef(t, ours, "bit %d of the trace id", bit)
	}
	for bit := range 64 {
		changed := span
		changed[bit/8] ^= 1 << (bit % 8)
		_, ours := k.OpenSpan(id, changed)
		assert.Falsef(t, ours, "bit %d of the span id", bit)
	}
	_, ours := k.Open(pcommon.TraceID{})
	assert.False(t, ours)
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		_, ours := k.Open(randomID(r))
		require.False(t, ours)
	}
}

func randomID(r *rand.Rand) (id pcommon.TraceID) {
	for i := range id {
		id[i] = byte(r.Uint32())
	}
	return id
}

// Samplers read the lower 56 bits as randomness. Consecutive traces, which differ in little, fill 256 classes evenly by each of
// their bytes: chi-square has 255 degrees of freedom, and 6 deviations above its mean is beyond chance.
func TestLowBitsAreUniform(t *testing.T) {
	const traces = 200_000
	k := newKey(t, secret)
	var counts [7][256]float64
	for n := range uint32(traces) {
		id := k.Seal(TraceID{Slot: 1_763_700_000 + n/10, Sequence: n % 10})
		for i, b := range id[9:] {
			counts[i][b]++
		}
	}
	for i := range counts {
		var chi float64
		for _, n := range counts[i] {
			chi += (n - traces/256.0) * (n - traces/256.0) / (traces / 256.0)
		}
		assert.InDeltaf(t, 255, chi, 6*math.Sqrt(2*255), "byte %d", 9+i)
	}
}

func TestSpanIDsOfATraceDiffer(t *testing.T) {
	k := newKey(t, secret)
	seen := map[pcommon.SpanID]bool{}
	for index := range uint32(100_000) {
		id := k.SealSpan(TraceID{Slot: 5}, index)
		require.False(t, seen[id] || id.IsEmpty())
		seen[id] = true
	}
}

func TestSignatures(t *testing.T) {
	k := newKey(t, secret)
	s := k.Sign([]byte("message"))
	assert.True(t, k.Verify([]byte("message"), s[:]))
	assert.False(t, k.Verify([]byte("massage"), s[:]))
	assert.False(t, k.Verify([]byte("message"), s[:8]), "a part proves nothing")
	assert.False(t, k.Verify([]byte("message"), nil))
	assert.False(t, newKey(t, secret+".").Verify([]byte("message"), s[:]))
}

func TestKeyTellsNothing(t *testing.T) {
	_, err := NewKey("short")
	require.EqualError(t, err, "key: must be a secret of at least 16 bytes, got 5; make one with: openssl rand -hex 16")
	k := newKey(t, secret)
	assert.Equal(t, "sentinel key "+k.Fingerprint(), k.String())
	assert.Len(t, k.Fingerprint(), 8)
	assert.NotEqual(t, k.Fingerprint(), newKey(t, secret+".").Fingerprint())
	assert.NotEqual(t, InstanceOf("node-1"), InstanceOf("node-2"))
}

// What another process makes of the same secret is the same: nothing comes from an address, a map's order or a random start.
func TestAnotherProcessAgrees(t *testing.T) {
	k := newKey(t, secret)
	var want strings.Builder
	for n := range uint32(5) {
		id := TraceID{Instance: InstanceOf("node"), Stream: 1, Slot: n, Sequence: n * n}
		trace, span := k.Seal(id), k.SealSpan(id, n)
		want.WriteString(hex.EncodeToString(trace[:]) + hex.EncodeToString(span[:]) + " ")
	}
	if os.Getenv("ASSAY_TEST_CHILD") != "" {
		_, _ = os.Stdout.WriteString("ids: " + want.String() + "\n")
		return
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAnotherProcessAgrees$") //nolint:gosec // this test
	command.Env = append(os.Environ(), "ASSAY_TEST_CHILD=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "ids: "+want.String()+"\n")
}

// The layout is a contract between versions: whoever changes it must change the labels too.
func TestLayoutIsFixed(t *testing.T) {
	k := newKey(t, secret)
	id := TraceID{Instance: 0x0102, Stream: 3, Slot: 0x04050607, Sequence: 0x08090a0b}
	var plain [16]byte
	id.put(&plain)
	assert.Equal(t, "0102030405060708090a0b0000000000", hex.EncodeToString(plain[:]))
	assert.Equal(t, "0d0cbca9159180b88113f06c048583cf", k.Seal(id).String())
	assert.Equal(t, "ab5a7edfdcd635e1", k.SealSpan(id, 1).String())
}

func TestOpenAllocatesNothing(t *testing.T) {
	k := newKey(t, secret)
	foreign := pcommon.TraceID{1, 2, 3}
	assert.Zero(t, testing.AllocsPerRun(1000, func() { k.Open(foreign) }))
}

// The cost of a foreign span to a verifier: below 50 ns on an idle core.
func BenchmarkOpenForeign(b *testing.B) {
	k := newKey(b, secret)
	id := pcommon.TraceID{1, 2, 3}
	b.ReportAllocs()
	for b.Loop() {
		if _, ours := k.Open(id); ours {
			b.Fatal("foreign id recognised")
		}
		id[0]++
	}
}

func BenchmarkSealSpan(b *testing.B) {
	k := newKey(b, secret)
	var index uint32
	for b.Loop() {
		k.SealSpan(TraceID{Slot: 1}, index)
		index = (index + 1) % MaxSpans
	}
}
