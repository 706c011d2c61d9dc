package topology

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

func TestShop(t *testing.T) {
	top, err := Load(Shop)
	require.NoError(t, err)
	assert.Len(t, top.Services, 9)
	assert.Equal(t, Shop, top.Name)
	assert.InDelta(t, 1800, top.MaxSpans, 300)
	kinds := map[ptrace.SpanKind]bool{}
	ordinals, references := map[int]bool{}, map[string]bool{}
	for _, s := range top.Services {
		for _, o := range s.Operations {
			kinds[o.Kind] = true
			ordinals[o.Ordinal] = true
			assert.False(t, references[o.Reference()], "%s: two operations have this name", o.Reference())
			references[o.Reference()] = true
		}
	}
	assert.Len(t, kinds, 4, "server, client, internal and consumer; producers are the callers of consumers")
	assert.True(t, ordinals[0] && ordinals[len(ordinals)-1])
	assert.True(t, slices.ContainsFunc(top.Entries, func(e Entry) bool { return e.Long }))
}

// Every type of value comes through as it was written, lists and maps in the order of the file.
func TestAttributes(t *testing.T) {
	top, err := Parse("test", []byte(`
services:
  - name: a
    operations:
      - name: b
        latency: {median: 1ms}
        attributes:
          text: hello
          int: -5
          float: 0.25
          bool: true
          bytes: !!binary AAH/
          list: [1, two, 3.5, [false]]
          map: {z: 1, a: {y: !!binary AA==, b: 2}}
          quoted: "12"
          either: !one_of [x, y]
          range: !between [-2, 2]
entries: [{operation: a/b}]
`))
	require.NoError(t, err)
	m := pcommon.NewMap()
	for i := range top.Services[0].Operations[0].Attributes {
		top.Services[0].Operations[0].Attributes[i].Put(m, 3)
	}
	assert.Equal(t, map[string]any{
		"text": "hello", "int": int64(-5), "float": 0.25, "bool": true, "bytes": []byte{0, 1, 255}, "quoted": "12",
		"list": []any{int64(1), "two", 3.5, []any{false}}, "map": map[string]any{"z": int64(1), "a": map[string]any{"y": []byte{0}, "b": int64(2)}},
		"either": "y", "range": int64(1),
	}, m.AsRaw())
	v, _ := m.Get("map")
	var keys []string
	for k := range v.Map().All() {
		keys = append(keys, k)
	}
	assert.Equal(t, []string{"z", "a"}, keys)

	either := top.Services[0].Operations[0].Attributes[8:]
	seen := map[any]bool{}
	for bits := range uint64(100) {
		m := pcommon.NewMap()
		either[0].Put(m, bits)
		either[1].Put(m, bits)
		for _, v := range m.AsRaw() {
			seen[v] = true
		}
	}
	assert.Len(t, seen, 2+5)
}

// Quantiles of what is drawn are those of the distributions that were asked for.
func TestLatencyFollowsItsDistribution(t *testing.T) {
	const n = 200_000
	l := newLatency(10*time.Millisecond, 0.5, 0.02, 1.5, time.Minute)
	r := rand.New(rand.NewPCG(1, 1))
	drawn := make([]float64, n)
	for i := range drawn {
		drawn[i] = float64(l.Draw(r.Uint64()))
	}
	slices.Sort(drawn)
	ms := float64(time.Millisecond)
	// Log-normal: the median, and a deviation of the logarithm above it. Pareto: beyond its start a share of 2 % (x/start)^-1.5.
	start := 10 * math.Exp(0.5*2.0537489) // 98 %
	for p, want := range map[float64]float64{0.5: 10, 0.8413447: 10 * math.Exp(0.5), 0.98: start, 0.995: start * math.Pow(4, 1/1.5), 0.999: start * math.Pow(20, 1/1.5)} {
		assert.InEpsilonf(t, want, drawn[int(p*n)]/ms, 0.05, "quantile %v", p)
	}
	for _, d := range drawn {
		s := time.Duration(d).Nanoseconds()
		for s >= 1000 {
			require.Zero(t, s%10, "three significant digits, got %v", d)
			s /= 10
		}
	}
	constant := newLatency(time.Second, 0, 0, 1, time.Hour)
	assert.Equal(t, time.Second, constant.Draw(r.Uint64()))
	cut := newLatency(time.Second, 3, 0.5, 0.1, 2*time.Second)
	for range 1000 {
		require.LessOrEqual(t, cut.Draw(r.Uint64()), 2*time.Second)
	}
}

func TestLoadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	require.NoError(t, os.WriteFile(path, shop, 0o600))
	top, err := Load(path)
	require.NoError(t, err)
	assert.Equal(t, path, top.Name)

	_, err = Load("builtin:bank")
	require.EqualError(t, err, `there is no built-in topology "builtin:bank"; it is "builtin:shop", or the path of a YAML file`)
	_, err = Load(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Load(t.TempDir())
	require.ErrorContains(t, err, "is no file")
	_, err = Load(os.DevNull)
	require.ErrorContains(t, err, os.DevNull+" is no file")
	require.NoError(t, os.WriteFile(path, []byte("# "+strings.Repeat("x", MaxBytes)), 0o600))
	_, err = Load(path)
	require.ErrorContains(t, err, "must have at most 1048576 bytes")
}

// Files under testdata/invalid say in their comments what is to be reported of them, all at once.
func TestInvalidFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			var want []string
			for line := range strings.Lines(string(text)) {
				if expected, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "#! "); ok {
					want = append(want, expected)
				}
			}
			_, err = Parse("x.yaml", text)
			require.Error(t, err)
			assert.Equal(t, "x.yaml: "+strings.Join(want, "\n"), err.Error())
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(shop))
	files, err := filepath.Glob("testdata/invalid/*.yaml")
	require.NoError(f, errors.Join(err))
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		top, err := Parse("fuzz", []byte(text))
		if err != nil {
			return
		}
		// Whatever is accepted is finite and can be drawn from.
		require.LessOrEqual(t, top.MaxSpans, MaxSpans)
		require.NotEmpty(t, top.Entries)
		m := pcommon.NewMap()
		for _, s := range top.Services {
			for _, o := range s.Operations {
				require.Positive(t, o.Latency.Draw(uint64(len(text))<<32))
				for i := range o.Attributes {
					o.Attributes[i].Put(m, uint64(len(text)))
				}
				for _, c := range o.Calls {
					require.NotNil(t, c.Operation)
				}
			}
		}
	})
}
