package simulate

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/otlpfile"
)

// Two batches: the first holds spans of two traces and one that belongs to none, the second comes 2 s later and brings the
// root of the first trace, which an upstream sampler has let through with probability 1/2 by an explicit randomness.
const (
	firstBatch = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000002","parentSpanId":"0000000000000001","name":"Add 17","kind":2,"startTimeUnixNano":"1000000000","endTimeUnixNano":"1100000000","traceState":"ot=th:8;rv:c0000000000000,x=y","status":{"code":2}},` +
		`{"traceId":"ff02030405060708090a0b0c0d0e0f10","spanId":"0000000000000003","name":"GET","startTimeUnixNano":"500000000","endTimeUnixNano":"600000000"},` +
		`{"traceId":"","spanId":"0000000000000004","name":"stray","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}`
	secondBatch = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001","name":"GET /home","startTimeUnixNano":"900000000","endTimeUnixNano":"3100000000"}]}]}]}`
)

func write(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "traces.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

// load reads files, and nothing in them may be broken.
func load(t *testing.T, files ...string) ([]*Trace, error) {
	r, err := Source{Files: files}.Load(t.Context())
	if err != nil {
		return nil, err
	}
	return r.Traces, nil
}

func TestLoad(t *testing.T) {
	rec, err := Source{Files: []string{write(t, firstBatch, secondBatch)}}.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, rec.WithoutID)
	assert.Equal(t, 3, rec.Spans)
	require.Len(t, rec.Traces, 2)

	a := rec.Traces[0]
	assert.Equal(t, "0102030405060708090a0b0c0d0e0f10", a.ID.String())
	assert.Zero(t, a.Begin)
	require.Len(t, a.Pieces, 2)
	assert.Equal(t, []time.Duration{0, 2 * time.Second}, []time.Duration{a.Pieces[0].After, a.Pieces[1].After}, "a batch comes when its last span has ended")
	assert.Equal(t, "shop GET /home", a.Endpoint)
	assert.True(t, a.HasRoot)
	assert.Equal(t, []int{2, 1}, []int{a.Spans, a.Errors})
	assert.False(t, a.RootError)
	assert.Equal(t, 2200*time.Millisecond, a.Duration)
	assert.Equal(t, uint64(1)<<55, a.Threshold)
	assert.InDelta(t, 2, a.adjustedCount(), 0)
	state := spansOf(a.Pieces[0].Spans)[0].TraceState().AsRaw()
	assert.Equal(t, "ot=th:8,x=y", state, "a simulation draws its own randomness")

	b := rec.Traces[1]
	assert.Equal(t, "cart GET", b.Endpoint)
	assert.Zero(t, b.Threshold)
}

// What cannot be read is told, and the rest is read; without somebody to tell it is an error.
func TestLoadBroken(t *testing.T) {
	file := write(t, firstBatch, `{"resourceSpans": 17}`, secondBatch)
	var told []string
	rec, err := Source{Files: []string{file}, Broken: func(e *otlpfile.RecordError) { told = append(told, e.Error()) }}.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, rec.Broken)
	assert.Len(t, rec.Traces, 2)
	require.Len(t, told, 1)
	assert.Contains(t, told[0], "line 2")

	_, err = load(t, file)
	require.ErrorContains(t, err, "line 2")
}

// A file that ends in the middle counts as far as it goes.
func TestLoadTruncated(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/traces/mixed.jsonl.zst")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "cut.zst")
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	told := 0
	rec, err := Source{Files: []string{path}, Broken: func(*otlpfile.RecordError) { told++ }}.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, told)
	assert.Equal(t, 1, rec.Broken)
	assert.NotEmpty(t, rec.Traces)
	assert.Less(t, len(rec.Traces), 611)
}

func TestLoadStandardInput(t *testing.T) {
	var last float64
	rec, err := Source{Files: []string{"-"}, Stdin: strings.NewReader(secondBatch), Progress: func(d float64) { last = d }}.Load(t.Context())
	require.NoError(t, err)
	assert.Len(t, rec.Traces, 1)
	assert.Negative(t, last, "how much there is to read is not known")
}

// Nothing that a span may lack makes loading fail.
func TestLoadBareSpan(t *testing.T) {
	traces, err := load(t, write(t, `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10"}]}]}]}`))
	require.NoError(t, err)
	require.Len(t, traces, 1)
	assert.Empty(t, traces[0].Endpoint)
	assert.Equal(t, 1, traces[0].Spans)
}

func TestLoadNothing(t *testing.T) {
	_, err := Source{Files: []string{"-"}, Stdin: strings.NewReader("")}.Load(t.Context())
	require.ErrorIs(t, err, ErrNothing)
	_, err = load(t, filepath.Join(t.TempDir(), "missing"))
	require.ErrorContains(t, err, "no such file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Source{Files: []string{"../../testdata/traces/mixed.jsonl.zst"}}.Load(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = Source{Files: []string{"-"}, Stdin: io.LimitReader(strings.NewReader("{"), 1)}.Load(t.Context())
	require.Error(t, err)
}

// Copies share nothing: a simulation writes ids into its own.
func TestClone(t *testing.T) {
	traces, err := load(t, write(t, firstBatch, secondBatch))
	require.NoError(t, err)
	copies := Clone(traces)
	for i := range copies {
		for n := range copies[i].Pieces {
			for _, s := range spansOf(copies[i].Pieces[n].Spans) {
				s.SetName("changed")
				s.Status().SetMessage("changed")
			}
		}
		copies[i].Pieces[0].After = time.Hour
	}
	for _, tr := range traces {
		assert.Zero(t, tr.Pieces[0].After)
		for _, p := range tr.Pieces {
			for _, s := range spansOf(p.Spans) {
				assert.NotEqual(t, "changed", s.Name())
			}
		}
	}
}

func TestReadLabels(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "labels.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	l, err := ReadLabels(write(`{"dataset":"d","traces":{"01000000000000000000000000000000":["anomalous","cpu","w1"],"02000000000000000000000000000000":["normal",null]}}`))
	require.NoError(t, err)
	bad, good, none := &Trace{ID: [16]byte{1}}, &Trace{ID: [16]byte{2}}, &Trace{ID: [16]byte{3}}
	assert.Equal(t, []string{"anomalous", "cpu", "cpu#w1"}, []string{l.class(bad), l.fault(bad), l.window(bad)})
	assert.Equal(t, []string{"normal", "", "#"}, []string{l.class(good), l.fault(good), l.window(good)})
	assert.Empty(t, l.class(none))
	assert.Empty(t, (*Labels)(nil).class(bad))

	_, err = ReadLabels(write(`{}`))
	require.ErrorContains(t, err, "no labels; expected")
	_, err = ReadLabels(write(`[`))
	require.ErrorContains(t, err, "not a labels file")
	_, err = ReadLabels(filepath.Join(t.TempDir(), "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
