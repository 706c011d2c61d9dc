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
	waits  time.Duration // on the clock: since when there has been no answer to what is under way; 0: nothing is
	failed int           // in a row
	mute   bool          // these, though fewer than are tolerated, took longer than silence
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
		if most == lookupsAtOnce { // it is not failing
			due = append(due, l.place.verifier.EarlyQuestions(now, most-len(due))...)
		}
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
	if l.under++; l.waits == 0 {
		l.waits = now
	}
}

// allowed is how many questions the backend may get now.
func (l *lookups) allowed(now time.Duration) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.failing():
		return lookupsAtOnce
	case now < l.next:
		return 0
	}
	return 1
}

func (l *lookups) failing() bool { return l.failed >= tolerated || l.mute }

// asked makes the pause until the next probe longer, if the backend is failing.
func (l *lookups) asked(now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failing() {
		l.pause = min(2*l.pause, longestPause)
		l.next = now + l.pause
	}
}

func (l *lookups) one(ctx context.Context, q verify.Question) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	answer, err := l.backend.Lookup(ctx, q.Question)
	now := l.place.watch.clock()
	l.place.verifier.Answer(now, q, answer, err)
	answer.Done()
	l.place.watch.config.Observer.Looked(l.place.name, err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under--
	if l.why = err; err == nil {
		l.failed, l.mute, l.pause, l.waits = 0, false, 0, 0
		if l.under > 0 {
			l.waits = now.Mono
		}
		return
	}
	if l.failed++; l.failed == 1 {
		l.at = now.Wall
	}
	if l.under == 0 { // they were given up one after the other
		l.mute = l.mute || now.Mono-l.waits > silence
		l.waits = 0
	}
	if l.failing() && l.pause == 0 {
		l.pause, l.next = shortestPause, now.Mono+shortestPause
	}
}

// problem says why nothing is known, if so.
func (l *lookups) problem(now time.Duration) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failing():
		return fmt.Sprintf("the last %d lookups failed, since %s: %v", l.failed, l.at.UTC().Format(time.TimeOnly), l.why)
	case l.under > 0 && now-l.waits > silence:
		return fmt.Sprintf("none of %d lookups has been answered for %v", l.under, (now - l.waits).Round(time.Second))
	}
	return ""
}
