package process

import (
	"context"
	"fmt"
	"math"
	"runtime/metrics"
	"time"
)

// Collections is what garbage collection took between the ends of two cycles: the runtime brings its accounts up to date at
// the end of a cycle, so a window that begins or ends elsewhere would count work that it does not hold.
type Collections struct {
	Cycles   int
	CPU      time.Duration // of the collector, on whichever thread
	Used     time.Duration // CPU of the whole process, as the runtime counts it
	Has      time.Duration // CPU that GOMAXPROCS allows
	LongStop time.Duration // longest stop of the world, upper end of its histogram bucket
	Stops    time.Duration // sum of the stops, by the middles of the buckets
}

const (
	metricCycles = "/gc/cycles/total:gc-cycles"
	metricGC     = "/cpu/classes/gc/total:cpu-seconds"
	metricTotal  = "/cpu/classes/total:cpu-seconds"
	metricIdle   = "/cpu/classes/idle:cpu-seconds"
	metricPauses = "/sched/pauses/total/gc:seconds"
)

// account is the state of the runtime's books.
type account struct {
	cycles          uint64
	gc, total, idle float64
	pauses          *metrics.Float64Histogram
}

func readAccount() (account, error) {
	s := []metrics.Sample{{Name: metricCycles}, {Name: metricGC}, {Name: metricTotal}, {Name: metricIdle}, {Name: metricPauses}}
	metrics.Read(s)
	for _, m := range s {
		if m.Value.Kind() == metrics.KindBad {
			return account{}, fmt.Errorf("this Go runtime has no metric %s", m.Name)
		}
	}
	return account{
		cycles: s[0].Value.Uint64(), gc: s[1].Value.Float64(), total: s[2].Value.Float64(), idle: s[3].Value.Float64(),
		pauses: s[4].Value.Float64Histogram(),
	}, nil
}

// WatchCollections looks on for a time, and longer while fewer than two cycles have ended, at most until ctx ends. It returns what
// happened between the first and the last end of a cycle. Without two of them there is an error.
func WatchCollections(ctx context.Context, atLeast time.Duration) (Collections, error) {
	enough := time.NewTimer(atLeast)
	defer enough.Stop()
	over := false
	var first, last account
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	before, err := readAccount()
	if err != nil {
		return Collections{}, err
	}
	for seen := before.cycles; ; {
		select {
		case <-ctx.Done():
			if first.pauses == nil || last.cycles == first.cycles {
				return Collections{}, fmt.Errorf("garbage collection: %d cycles ended while watching, want at least 2; watch longer", seen-before.cycles)
			}
			return between(&first, &last), nil
		case <-enough.C:
			over = true
		case <-tick.C:
		}
		if over && first.pauses != nil && last.cycles > first.cycles {
			return between(&first, &last), nil
		}
		now, err := readAccount()
		if err != nil {
			return Collections{}, err
		}
		if now.cycles == seen {
			continue
		}
		seen, last = now.cycles, now
		if first.pauses == nil {
			first = now
		}
	}
}

func between(first, last *account) Collections {
	c := Collections{
		Cycles: int(last.cycles - first.cycles),
		CPU:    seconds(last.gc - first.gc),
		Used:   seconds(last.total - last.idle - first.total + first.idle),
		Has:    seconds(last.total - first.total),
	}
	for i, n := range last.pauses.Counts {
		n -= first.pauses.Counts[i]
		if n == 0 {
			continue
		}
		low, high := last.pauses.Buckets[i], last.pauses.Buckets[i+1]
		if math.IsInf(low, -1) {
			low = 0
		}
		if math.IsInf(high, 1) {
			high = low
		}
		c.LongStop = seconds(high)
		c.Stops += seconds(float64(n) * (low + high) / 2)
	}
	return c
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
