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
	// silence is how long a backend may answer none of the questions that are under way.
	silence = 6 * time.Second
	// From then on the backend gets one question at a time, after a pause that grows between these, until it answers one.
	shortestPause, longestPause = time.Second, 15 * time.Second
)

// lookups asks a backend for the traces that a verifier chooses.
type lookups struct {
	place   *place
	backend backend.Backend
	free    chan struct{} // holds as many as are under way
	asking  sync.WaitGroup

	mu     sync.Mutex    // guards everything below
	under  int           // way
	quiet  time.Duration // on the clock: the last answer, or the first question since none was under way
	failed int           // in a row
	why    error
	at     time.Time
	pause  time.Duration
	next   time.Duration // on the clock: when to probe
}

// run asks until ctx is over, and returns when all answers are in.
func (l *lookups) run(ctx context.Context) {
	l.place.watch.each(ctx, beat, l.ask)
	l.asking.Wait()
}

// ask looks up what is due, and does not wait for the answers. What a failing backend is not asked stays due.
func (l *lookups) ask(ctx context.Context) {
	for ctx.Err() == nil {
		now := l.place.watch.clock()
		most := l.allowed(now.Mono)
		if most == 0 {
			return
		}
		due := l.place.verifier.ManifestQuestions(now, most)
		due = append(due, l.place.verifier.Questions(now, most-len(due))...)
		if len(due) == 0 {
			return
		}
		l.asked(now.Mono)
		for _, q := range due {
			l.free <- struct{}{}
			l.begin()
			l.asking.Go(func() {
				defer func() { <-l.free }()
				l.one(ctx, q)
			})
		}
	}
}

// begin notes that a question is under way.
func (l *lookups) begin() {
	now := l.place.watch.clock().Mono
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.under++; l.under == 1 {
		l.quiet = now
	}
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
	l.under, l.quiet = l.under-1, now.Mono
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
func (l *lookups) problem(now time.Duration) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed >= tolerated:
		return fmt.Sprintf("the last %d lookups failed, since %s: %v", l.failed, l.at.UTC().Format(time.TimeOnly), l.why)
	case l.under > 0 && now-l.quiet > silence:
		return fmt.Sprintf("none of %d lookups has been answered for %v", l.under, (now - l.quiet).Round(time.Second))
	}
	return ""
}
