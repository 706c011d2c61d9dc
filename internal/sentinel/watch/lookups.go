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
	// From then on the backend gets one question at a time, after a pause that grows between these, until it answers one.
	shortestPause, longestPause = time.Second, 15 * time.Second
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
	pause  time.Duration
	next   time.Duration // on the clock: when to probe
}

// ask looks up what is due, and returns when all answers are in. What a failing backend is not asked stays due.
func (l *lookups) ask(ctx context.Context) {
	var asking sync.WaitGroup
	for ctx.Err() == nil {
		now := l.place.watch.clock()
		most := l.allowed(now.Mono)
		if most == 0 {
			break
		}
		due := l.place.verifier.ManifestQuestions(now, most)
		due = append(due, l.place.verifier.Questions(now, most-len(due))...)
		if len(due) == 0 {
			break
		}
		l.asked(now.Mono)
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

// allowed is how many questions the backend may get now.
func (l *lookups) allowed(now time.Duration) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed < tolerated:
		return lookupsAtOnce
	case now < l.next:
		return 0
	}
	return 1
}

// asked makes the pause until the next probe longer, if the backend is failing.
func (l *lookups) asked(now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed >= tolerated {
		l.pause = min(2*l.pause, longestPause)
		l.next = now + l.pause
	}
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
	switch l.failed++; l.failed {
	case 1:
		l.at = now.Wall
	case tolerated:
		l.pause, l.next = shortestPause, now.Mono+shortestPause
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
