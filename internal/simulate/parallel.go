package simulate

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// parallel runs do for 0 to n-1 over the traces, so many side by side. It copies the traces for every worker but one. The
// first error ends all.
func parallel(ctx context.Context, n, workers int, traces []*Trace, progress func(float64), do func(context.Context, []*Trace, int) error) error {
	var next atomic.Int64
	var mu sync.Mutex // guards done and failed
	var done int
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// All copies are made before the first worker starts: a run writes its trace ids into the spans it was given.
	copies := [][]*Trace{traces}
	for len(copies) < min(workers, n) {
		copies = append(copies, Clone(traces))
	}
	var wg sync.WaitGroup
	for _, own := range copies {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				err := do(ctx, own, i)
				mu.Lock()
				done++
				if err != nil {
					if failed == nil || !errors.Is(err, context.Canceled) {
						failed = err
					}
					cancel()
				} else if progress != nil {
					progress(float64(done) / float64(n))
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return failed
}
