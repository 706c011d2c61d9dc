package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

const (
	lookupsAtOnce = 8
	lookupTimeout = 20 * time.Second // retries included
	// tolerated is how many lookups may fail in a row before nothing is known.
	tolerated = 3
)

// lookups asks a backend for the traces that a verifier chooses.
type lookups struct {
	place   *place
	backend backend.Backend
	free    chan struct{} // holds as many as are under way

	mu     sync.Mutex // guards everything below
	failed int        // in a row
	why    error
	at     time.Time
}

// ask looks up what is due, and returns when all answers are in.
func (l *lookups) ask(ctx context.Context) {
	var asking sync.WaitGroup
	for ctx.Err() == nil {
		due := l.place.verifier.Questions(l.place.watch.clock(), 4*lookupsAtOnce)
		if len(due) == 0 {
			break
		}
		for _, q := range due {
			l.free <- struct{}{}
			asking.Go(func() {
				defer func() { <-l.free }()
				l.one(ctx, q)
			})
		}
	}
	asking.Wait()
}

func (l *lookups) one(ctx context.Context, q verify.Question) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	answer, err := l.backend.Lookup(ctx, q.Question)
	now := l.place.watch.clock()
	l.place.verifier.Answer(now, q.Trace, answer, err)
	answer.Done()
	l.place.watch.config.Observer.Looked(l.place.name, err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why = err; err == nil {
		l.failed = 0
		return
	}
	if l.failed++; l.failed == 1 {
		l.at = now.Wall
	}
}

// problem says why nothing is known, if so.
func (l *lookups) problem() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed < tolerated {
		return ""
	}
	return fmt.Sprintf("the last %d lookups failed, since %s: %v", l.failed, l.at.UTC().Format(time.TimeOnly), l.why)
}
