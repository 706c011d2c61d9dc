package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

const (
	// stopGrace is how long requests under way may take to finish once the replay is stopped.
	stopGrace = 3 * time.Second

	progressEvery = 200 * time.Millisecond

	// longWait is a pause that is worth telling: the user may think that the replay hangs.
	longWait = 30 * time.Second
)

// Run replays and returns when everything is answered, ctx has ended, or nothing more can be sent. The summary is valid
// in any case. The error is a *ConnectionError, a *BrokenFileError (with Strict), what Validate found, or a failure to
// read a file; spans refused, broken records and the end of ctx are no errors but fields of the summary.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	if err := cfg.Validate(); err != nil {
		return Summary{}, err
	}
	target, err := cfg.Client.Target()
	if err != nil {
		return Summary{}, err
	}
	c, err := newClient(ctx, &cfg.Client, cfg.Concurrency)
	if err != nil {
		return Summary{}, err
	}
	sum, err := run(ctx, cfg, target, c)
	return sum, errors.Join(err, c.close())
}

// replayer is a run under way.
type replayer struct {
	cfg    Config
	target Target
	client client
	tally  tally
	start  time.Time

	stop     context.Context         // ends the reading, the pacing and the retries
	fail     context.CancelCauseFunc // ends stop with a reason
	requests context.Context         // ends the requests under way, some time after stop

	reached atomic.Bool                    // a receiver answered, if only to refuse
	absent  sync.Once                      // guards the note that there is none yet
	taken   atomic.Bool                    // a receiver took a batch
	dueAt   atomic.Int64                   // Unix nanoseconds until which the next batch waits
	doneBy  atomic.Pointer[func() float64] // share of the whole that was read
}

// job is a batch on its way to a worker.
type job struct {
	batch   *wireBatch
	rewrite rewrite
}

func run(ctx context.Context, cfg Config, target Target, c client) (Summary, error) {
	r := &replayer{cfg: cfg, target: target, client: c, start: time.Now()}
	r.tally.sum = Summary{Endpoint: target.Address, Protocol: string(target.Protocol), Files: len(cfg.Files)}
	if cfg.NewIDs {
		r.tally.sum.Seed = cfg.Seed
	}
	stop, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	r.stop, r.fail, r.requests = stop, fail, requests

	// The grace runs from the moment of the stop; a replay that ends by itself cancels the timer.
	finished := make(chan struct{})
	var background sync.WaitGroup
	background.Go(func() {
		select {
		case <-finished:
			return
		case <-stop.Done():
		}
		timer := time.NewTimer(stopGrace)
		defer timer.Stop()
		select {
		case <-finished:
		case <-timer.C:
			cancel()
		}
	})
	background.Go(func() { r.report(finished) })

	jobs := make(chan job)
	var workers sync.WaitGroup
	for i := range cfg.Concurrency {
		workers.Go(func() { r.work(i, jobs) })
	}
	err := r.dispatch(jobs)
	close(jobs)
	workers.Wait()
	close(finished)
	background.Wait()

	if cause := context.Cause(stop); err == nil && ctx.Err() == nil && cause != nil {
		err = cause
	}
	r.tally.update(func(s *Summary) {
		s.Interrupted = s.Interrupted && ctx.Err() != nil
		s.Seconds = time.Since(r.start).Seconds()
		if s.Seconds > 0 {
			s.SpansPerSecond = float64(s.Accepted) / s.Seconds
		}
	})
	if cfg.Progress != nil {
		status := r.status()
		status.Final = true
		cfg.Progress(status)
	}
	return r.tally.get(), err
}

// dispatch reads the passes and hands every batch to a worker when it is due.
func (r *replayer) dispatch(jobs chan<- job) error {
	rec := recording{cfg: &r.cfg, tally: &r.tally}
	stopped := r.stop.Done()
	for pass := 1; r.cfg.Repeat == 0 || pass <= r.cfg.Repeat; pass++ {
		src, err := rec.pass()
		if err != nil {
			return err
		}
		r.tally.update(func(s *Summary) { s.Passes = pass })
		done := func() float64 { return r.share(pass, src.done()) }
		r.doneBy.Store(&done)
		ahead := readAhead(src)
		sent, err := r.dispatchPass(pass, ahead, jobs)
		err = errors.Join(err, ahead.close(stopped))
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil || sent == 0 || r.stop.Err() != nil {
			return err
		}
	}
	return nil
}

// errEnough ends a replay at Config.LimitSpans or because it was stopped.
var errEnough = errors.New("enough")

func (r *replayer) dispatchPass(pass int, src *aheadReader, jobs chan<- job) (sent int, err error) {
	pace := pacer{speed: r.cfg.Speed, maxGap: r.cfg.MaxGap}
	var change rewrite
	shift := newShifter(r.cfg.Speed)
	if r.cfg.NewIDs {
		if change.ids, err = newIDs(r.cfg.Seed, pass); err != nil {
			return 0, err
		}
	}
	for {
		b, err := src.next(r.stop)
		if errors.Is(err, io.EOF) {
			return sent, nil
		}
		if err != nil && r.stop.Err() != nil {
			r.tally.update(func(s *Summary) { s.Interrupted = true })
			return sent, errEnough
		}
		if err != nil {
			return sent, err
		}
		b, enough, err := r.limited(b)
		if err != nil {
			return sent, err
		}
		now := time.Now()
		due := pace.due(b.arrival, now)
		if r.cfg.Rebase {
			shift.of(b, later(due, now).UnixNano(), &change)
		}
		if !r.waitFor(due) {
			r.tally.update(func(s *Summary) { s.Interrupted = true })
			return sent, errEnough
		}
		r.tally.update(func(s *Summary) {
			s.Spans += int64(b.spans)
			s.Batches++
		})
		select {
		case jobs <- job{b, change}:
			sent++
			if behind := time.Since(due).Seconds(); r.cfg.Speed != Max {
				r.tally.update(func(s *Summary) { s.BehindSeconds = max(s.BehindSeconds, behind) })
			}
		case <-r.stop.Done():
			r.tally.update(func(s *Summary) {
				s.Unsent += int64(b.spans)
				s.Interrupted = true
			})
			return sent, errEnough
		}
		if enough {
			return sent, errEnough
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// limited cuts a batch at Config.LimitSpans and tells whether the limit is reached with it.
func (r *replayer) limited(b *wireBatch) (*wireBatch, bool, error) {
	if r.cfg.LimitSpans == 0 {
		return b, false, nil
	}
	left := r.cfg.LimitSpans - r.tally.get().Spans
	if int64(b.spans) <= left {
		return b, int64(b.spans) == left, nil
	}
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(b.body)
	if err != nil {
		return nil, true, fmt.Errorf("cut the last batch: %w", err)
	}
	firstSpans(td, int(left))
	b, err = encodeBatch(td)
	return b, true, err
}

// waitFor waits for the time of a batch, and tells false if the replay was stopped.
func (r *replayer) waitFor(due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return r.stop.Err() == nil
	}
	if wait > longWait {
		r.cfg.note("the recording pauses: the next batch is due in %v; --max-gap 5s shortens pauses, --max leaves them out",
			wait.Round(time.Second))
	}
	r.dueAt.Store(due.UnixNano())
	defer r.dueAt.Store(0)
	return sleepUntil(r.stop, due)
}
