package tailsampling

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sum(counts []uint64) (all uint64) {
	for _, n := range counts {
		all += n
	}
	return all
}

// What the history says of the last hour is what the observer was told, trace for trace.
func TestHistoryAddsUp(t *testing.T) {
	h := busy(t, nil)
	h.pass(2 * time.Minute)
	now := h.engine.decider.clock.Wall()
	past, err := h.engine.History(context.Background(), now.Add(-time.Hour), now)
	require.NoError(t, err)
	assert.Equal(t, 10*time.Second, past.Step)
	assert.EqualValues(t, len(h.order), sum(past.Traces))
	want := map[string][2]uint64{}
	spans := 0
	for _, d := range h.order {
		spans += d.Spans
		if d.Kept {
			n := want[d.Reason]
			want[d.Reason] = [2]uint64{n[0] + 1, n[1] + uint64(d.Spans)}
		}
	}
	assert.EqualValues(t, spans, sum(past.Spans))
	got := map[string][2]uint64{}
	for _, k := range past.Kept {
		got[k.Reason] = [2]uint64{sum(k.Traces), sum(k.Spans)}
	}
	assert.Equal(t, want, got)

	// A part of it is only a part, and nothing comes from the future.
	half, err := h.engine.History(context.Background(), now.Add(-90*time.Second), now.Add(time.Hour))
	require.NoError(t, err)
	assert.Len(t, half.Traces, 10)
	assert.Less(t, sum(half.Traces), sum(past.Traces))
	assert.WithinDuration(t, now.Add(-90*time.Second), half.From, 10*time.Second)
}

func TestHistoryOfLongAgo(t *testing.T) {
	r := newRecorder()
	const day = 24 * time.Hour
	for at := time.Duration(0); at < 10*day; at += time.Minute {
		r.add(at, at%(10*time.Minute) == 0, uint16(at/time.Minute%2), 3)
	}
	now := 10*day - time.Minute
	hour, begin := r.history(now, now-time.Hour, now, []string{"latency", "error"})
	assert.Equal(t, 10*time.Second, hour.Step)
	assert.EqualValues(t, 60, sum(hour.Traces), "the hour before this minute, and no part of an earlier one")
	assert.Equal(t, now-time.Hour+10*time.Second, begin)

	week, _ := r.history(now, now-7*day, now, []string{"latency", "error"})
	assert.LessOrEqual(t, len(week.Traces), mostParts)
	assert.EqualValues(t, 7*24*60, sum(week.Traces))
	assert.EqualValues(t, 3*7*24*60, sum(week.Spans))
	require.Len(t, week.Kept, 1, "nothing was kept for the other reason")
	assert.Equal(t, "latency", week.Kept[0].Reason)
	assert.EqualValues(t, 7*24*6, sum(week.Kept[0].Traces))

	long, _ := r.history(now, 0, now, []string{"latency", "error"})
	assert.Equal(t, sum(week.Traces), sum(long.Traces), "what is older than a week is forgotten")
}

// A short stretch of long ago is not in the fine parts any more, and must not look as if nothing had come.
func TestHistoryOfAStretchOfLongAgo(t *testing.T) {
	r := newRecorder()
	for at := time.Duration(0); at < 5*time.Hour; at += time.Second {
		r.add(at, false, 0, 1)
	}
	now := 5*time.Hour - time.Second
	for _, ago := range []time.Duration{30 * time.Minute, 61 * time.Minute, 3 * time.Hour} {
		h, begin := r.history(now, now-ago, now-ago+20*time.Minute, nil)
		assert.InDelta(t, 1200, sum(h.Traces), 300, "%v ago; coarse parts are five minutes long", ago)
		assert.InDelta(t, (now - ago).Seconds(), begin.Seconds(), 300)
	}
	ancient, _ := r.history(30*24*time.Hour, 0, time.Hour, nil)
	assert.LessOrEqual(t, len(ancient.Traces), 1, "of more than a week ago nothing is known")
}

func TestHistoryOfNothing(t *testing.T) {
	r := newRecorder()
	h, _ := r.history(0, 0, 0, nil)
	assert.Equal(t, []uint64{0}, h.Traces)
	assert.Empty(t, h.Kept)
}
