package replay

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const second = time.Second

func TestPacing(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   []time.Duration
	}{
		{"default, ten times", func(*Config) {}, []time.Duration{0, second / 10, second / 5, 3 * second / 10}},
		{"real time", func(c *Config) { c.Speed = 1 }, []time.Duration{0, second, 2 * second, 3 * second}},
		{"max", func(c *Config) { c.Speed = Max }, []time.Duration{0, 0, 0, 0}},
		{"repeat", func(c *Config) { c.Speed, c.Repeat = 2, 2 }, []time.Duration{
			0, second / 2, second, 3 * second / 2, 3 * second / 2, 2 * second, 5 * second / 2, 3 * second,
		}},
		{"gaps cut", func(c *Config) { c.Speed, c.MaxGap = 0.1, second }, []time.Duration{0, second, 2 * second, 3 * second}},
	}
	path := writeFile(t, jsonLines(t, everySecond(4)))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(path)
				tt.change(&cfg)
				c := &script{}
				start := time.Now()
				sum, err := run(t.Context(), cfg, Target{}, c)
				require.NoError(t, err)
				assert.Equal(t, tt.want, c.times(start))
				assert.Equal(t, int64(len(tt.want)), sum.Accepted)
				assert.True(t, sum.Complete())
				assert.InDelta(t, tt.want[len(tt.want)-1].Seconds(), sum.Seconds, 1e-9)
				assert.Zero(t, sum.BehindSeconds)
			})
		})
	}
}

// Several files are one recording: merged by time, and by file order with --max.
func TestFilesAreMerged(t *testing.T) {
	all := everySecond(5)
	a := writeFile(t, jsonLines(t, []ptrace.Traces{all[0], all[3]}))
	b := writeFile(t, jsonLines(t, []ptrace.Traces{all[1], all[2], all[4]}))
	empty := writeFile(t, nil)
	for speed, want := range map[float64][]byte{10: {1, 2, 3, 4, 5}, Max: {2, 3, 5, 1, 4}} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(b, empty, a)
			cfg.Speed = speed
			c := &script{}
			_, err := run(t.Context(), cfg, Target{}, c)
			require.NoError(t, err)
			var got []byte
			for _, s := range c.sent {
				id := spansOf(decode(t, s.body))[0].SpanID()
				got = append(got, id[7])
			}
			assert.Equal(t, want, got, "speed %v", speed)
		})
	}
}

// Passes from memory and passes from the file send the same, and each pass has ids of its own.
func TestRepeat(t *testing.T) {
	path := writeFile(t, jsonLines(t, []ptrace.Traces{
		traces(spec{1, 1, 0, second}, spec{2, 2, 0, second}), traces(spec{1, 3, 0, 2 * second}),
	}))
	var bodies [2][][]byte
	for i, cache := range []int{1 << 20, 1} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(path)
			cfg.Repeat, cfg.NewIDs, cfg.Seed, cfg.CacheBytes = 3, true, 42, cache
			c := &script{}
			sum, err := run(t.Context(), cfg, Target{}, c)
			require.NoError(t, err)
			assert.Equal(t, int64(9), sum.Accepted)
			assert.Equal(t, 3, sum.Passes)
			assert.Equal(t, uint64(42), sum.Seed)
			ids := map[pcommon.TraceID]int{}
			for _, s := range c.sent {
				bodies[i] = append(bodies[i], s.body)
				for _, span := range spansOf(decode(t, s.body)) {
					ids[span.TraceID()]++
				}
			}
			assert.Len(t, ids, 6, "two traces in three passes")
			for id, n := range ids {
				assert.Contains(t, []int{1, 2}, n, "trace %s stays together", id)
				assert.Less(t, n, 3)
			}
		})
	}
	assert.Equal(t, bodies[0], bodies[1])
}

func TestRepeatOfStandardInput(t *testing.T) {
	content := jsonLines(t, everySecond(2))
	cfg := config("-")
	cfg.Speed, cfg.Repeat = Max, 2

	cfg.Stdin = bytes.NewReader(content)
	sum, err := run(t.Context(), cfg, Target{}, &script{})
	require.NoError(t, err)
	assert.Equal(t, int64(4), sum.Accepted)

	cfg.Stdin, cfg.CacheBytes = bytes.NewReader(content), 1
	sum, err = run(t.Context(), cfg, Target{}, &script{})
	require.ErrorContains(t, err, "standard input cannot be read twice")
	assert.Equal(t, int64(2), sum.Accepted)
}

func TestLimitSpans(t *testing.T) {
	path := writeFile(t, jsonLines(t, []ptrace.Traces{
		traces(spec{1, 1, 0, 1}, spec{1, 2, 0, 1}), traces(spec{1, 3, 0, 1}, spec{1, 4, 0, 1}),
	}))
	for limit, want := range map[int64]string{1: "1", 2: "12", 3: "123", 4: "1234", 5: "12341", 9: "123412341"} {
		cfg := config(path)
		cfg.Speed, cfg.Repeat, cfg.LimitSpans = Max, 0, limit
		c := &script{}
		sum, err := run(t.Context(), cfg, Target{}, c)
		require.NoError(t, err)
		var got []byte
		for _, s := range c.sent {
			for _, span := range spansOf(decode(t, s.body)) {
				id := span.SpanID()
				got = append(got, '0'+id[7])
			}
		}
		assert.Equal(t, want, string(got))
		assert.Equal(t, limit, sum.Spans)
		assert.False(t, sum.Interrupted)
	}
}

// Endless passes over a file without spans end.
func TestNothingToSend(t *testing.T) {
	cfg := config(writeFile(t, []byte("{}\n")))
	cfg.Repeat = 0
	sum, err := run(t.Context(), cfg, Target{}, &script{})
	require.NoError(t, err)
	assert.False(t, sum.Complete())
}

// Whatever the answers are, every span read is counted once as accepted, refused or unsent.
func TestAccounting(t *testing.T) {
	path := writeFile(t, jsonLines(t, everySecond(6)))
	refusal := answer{err: errors.New("HTTP 400 Bad Request")}
	tests := []struct {
		name                      string
		answers                   []answer
		accepted, refused, unsent int64
		retries                   int64
		fatal                     bool
	}{
		{name: "all accepted", accepted: 6},
		{name: "one refused", answers: []answer{{}, refusal}, accepted: 5, refused: 1},
		{name: "partial success", answers: []answer{{rejected: 1, message: "no room"}}, accepted: 5, refused: 1},
		{name: "partial success beyond the batch", answers: []answer{{rejected: 100}}, accepted: 5, refused: 1},
		{name: "a warning only", answers: []answer{{message: "deprecated"}}, accepted: 6},
		{name: "busy, then well", answers: []answer{{err: errBusy, retryable: true}, {err: errBusy, retryable: true}}, accepted: 6, retries: 2},
		{name: "nothing listens yet", answers: []answer{{err: errBusy, retryable: true, unreached: true}}, accepted: 6, retries: 1},
		{name: "no such host", answers: []answer{{err: errUnknownHost, retryable: true, unreached: true}}, unsent: 1, fatal: true},
		{name: "wrong place", answers: []answer{{err: errBusy, misdirected: true}}, unsent: 1, fatal: true},
		{name: "wrong place after some were taken", answers: []answer{{}, {err: errBusy, misdirected: true}}, accepted: 5, refused: 1},
		{name: "no answer in time", answers: []answer{{err: errBusy, timedOut: true}}, unsent: 1, fatal: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sum, err := run(t.Context(), config(path), Target{}, &script{answers: tt.answers})
				var connection *ConnectionError
				assert.Equal(t, tt.fatal, errors.As(err, &connection), "%v", err)
				assert.Equal(t, tt.accepted, sum.Accepted, "accepted")
				assert.Equal(t, tt.refused, sum.Refused, "refused")
				assert.GreaterOrEqual(t, sum.Unsent, tt.unsent, "unsent")
				assert.Equal(t, sum.Spans, sum.Accepted+sum.Refused+sum.Unsent)
				assert.Equal(t, tt.retries, sum.Retries)
				assert.False(t, sum.Interrupted)
			})
		})
	}
}

// A collector that goes away is waited for, then the replay ends; one that comes back is found.
func TestConnectionLostOnTheWay(t *testing.T) {
	lost := answer{err: errors.New("connection refused"), retryable: true, unreached: true}
	path := writeFile(t, jsonLines(t, everySecond(3)))
	for n, fatal := range map[int]bool{3: false, 1000: true} {
		synctest.Test(t, func(t *testing.T) {
			answers := []answer{{}}
			for range n {
				answers = append(answers, lost)
			}
			sum, err := run(t.Context(), config(path), Target{}, &script{answers: answers})
			if fatal {
				require.ErrorContains(t, err, "connection refused (tried again for --retry-for 30s)")
				assert.Equal(t, int64(1), sum.Accepted)
			} else {
				require.NoError(t, err)
				assert.Equal(t, int64(3), sum.Accepted)
			}
		})
	}
}

func TestBrokenRecordsAndFiles(t *testing.T) {
	good := jsonLines(t, everySecond(2))
	lines := writeFile(t, append([]byte("{broken\n"), good...))
	cut := writeFile(t, []byte{0, 0, 1, 0, 1})
	cfg := config(lines, cut)
	cfg.Speed = Max
	sum, err := run(t.Context(), cfg, Target{}, &script{})
	require.NoError(t, err)
	assert.Equal(t, int64(2), sum.Accepted)
	assert.Equal(t, int64(2), sum.BrokenRecords)
	assert.Equal(t, int64(1), sum.BrokenFiles)
	assert.False(t, sum.Complete())
	require.Len(t, sum.Errors, 2)
	assert.Contains(t, sum.Errors[0].Text, lines+": line 1, byte 0: ")
	assert.Contains(t, sum.Errors[1].Text, cut+": message 1, byte 0: ")

	cfg.Strict = true
	cfg.Files = []string{writeFile(t, append(good, "{broken"...))}
	sum, err = run(t.Context(), cfg, Target{}, &script{})
	var broken *BrokenFileError
	require.ErrorAs(t, err, &broken)
	require.ErrorContains(t, err, cfg.Files[0]+": line 3, byte ")
	assert.Equal(t, int64(2), sum.Accepted, "what stood in front of it was sent")
}

// Batches above the request limit are cut, and every span arrives.
func TestLargeBatchesAreCut(t *testing.T) {
	var specs []spec
	for i := range 200 {
		specs = append(specs, spec{1, byte(i), 0, second})
	}
	cfg := config(writeFile(t, jsonLines(t, []ptrace.Traces{traces(specs...)})))
	cfg.MaxRequestBytes = 2000
	c := &script{}
	sum, err := run(t.Context(), cfg, Target{}, c)
	require.NoError(t, err)
	assert.Equal(t, int64(200), sum.Accepted)
	assert.Greater(t, len(c.sent), 5)
	for _, s := range c.sent {
		assert.LessOrEqual(t, len(s.body), 2000)
	}
}
