package window

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// begins is the extent of spans that begin at random in five minutes, and of some others.
func begins(spans int, others ...time.Duration) *Extent {
	var x Extent
	r := rand.New(rand.NewPCG(1, 2))
	for range spans {
		x.add(epoch.Add(time.Duration(r.Int64N(int64(5 * time.Minute)))))
	}
	for _, at := range others {
		x.add(epoch.Add(at))
	}
	return &x
}

// Strays far away do not make the window long; what is near, or is many, is no stray.
func TestBulkOfARecording(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, tt := range map[string]struct {
		spans  int
		others []time.Duration
		from   time.Duration
		until  time.Duration
	}{
		"no stray":                          {1000, nil, 0, 5 * time.Minute},
		"one an hour later":                 {1000, []time.Duration{time.Hour}, 0, 5 * time.Minute},
		"some before and after":             {1000, []time.Duration{-year, -time.Hour, time.Hour, year}, 0, 5 * time.Minute},
		"more spans than are looked at":     {50_000, []time.Duration{-year, -time.Hour, time.Hour, year}, 0, 5 * time.Minute},
		"not far away":                      {1000, []time.Duration{-time.Minute, 7 * time.Minute}, -time.Minute, 7 * time.Minute},
		"half of the traffic is no stray":   {2, []time.Duration{time.Hour, time.Hour}, 0, time.Hour},
		"too few spans to tell what is far": {50, []time.Duration{time.Hour}, 0, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			x := begins(tt.spans, tt.others...)
			start, end := x.Bulk()
			assert.False(t, start.Before(x.Start))
			assert.False(t, end.After(x.End))
			if tt.spans >= leastKept {
				assert.WithinDuration(t, epoch.Add(tt.from), start, 16*time.Second)
				assert.WithinDuration(t, epoch.Add(tt.until), end, 16*time.Second)
			} else {
				assert.Equal(t, x.Start, start)
				assert.Equal(t, x.End, end)
			}
		})
	}
	// Traffic that grows, or comes in two bursts, is all of it traffic.
	x := begins(600)
	for i := range 600 {
		x.add(epoch.Add(time.Hour + time.Duration(i)*time.Second/2))
	}
	start, end := x.Bulk()
	assert.Equal(t, x.Start, start)
	assert.Equal(t, x.End, end)
}
