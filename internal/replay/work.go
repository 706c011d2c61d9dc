package replay

import "math/rand/v2"

// work sends batches until there are no more. After a stop it drains: what is left is counted as unsent.
func (r *replayer) work(number int, jobs <-chan job) {
	retry := retrier{
		client: r.client, retryFor: r.cfg.Client.RetryFor, reached: r.reached.Load, absent: r.noteAbsent,
		rand: rand.New(rand.NewPCG(r.cfg.Seed, uint64(number))), // spreads retries, guards nothing
	}
	var buf []byte
	for j := range jobs {
		body := j.rewrite.apply(j.batch, buf)
		res := retry.do(r.stop, r.requests, body)
		if rewritten := len(body) > 0 && &body[0] != &j.batch.body[0]; rewritten {
			buf = body
		}
		if res.err != nil {
			buf = nil // a transport may still read from it
		}
		r.settle(j.batch, res)
	}
}

// noteAbsent says once that a receiver is awaited: the user may have named another one than was meant.
func (r *replayer) noteAbsent(err error) {
	r.absent.Do(func() {
		r.cfg.note("%v\n  trying again for %v; --retry-for 0 gives up at once", &ConnectionError{Target: r.target, Err: err}, r.cfg.Client.RetryFor)
	})
}

// settle counts what became of a batch.
func (r *replayer) settle(b *wireBatch, res result) {
	spans := int64(b.spans)
	if !res.unreached && !res.timedOut {
		r.reached.Store(true)
	}
	if res.err == nil {
		r.taken.Store(true)
	}
	// What is wrong with the very first answers is wrong with the command line.
	fatal := res.err != nil && !res.interrupted && (res.unreached || (res.misdirected || res.timedOut) && !r.taken.Load())
	r.tally.update(func(s *Summary) {
		s.Retries += res.retries
		s.Bytes += int64(len(b.body))
		switch {
		case res.interrupted:
			s.Unsent += spans
			s.Interrupted = true
		case fatal:
			s.Unsent += spans
		case res.err != nil:
			s.Refused += spans
			s.Errors = addMessage(s.Errors, res.err.Error())
		default:
			refused := min(res.rejected, spans)
			s.Refused += refused
			s.Accepted += spans - refused
			if refused > 0 {
				s.Errors = addMessage(s.Errors, "partial success, some spans refused: "+oneLine(res.message))
			} else if res.message != "" {
				s.Warnings = addMessage(s.Warnings, "the receiver says: "+oneLine(res.message))
			}
		}
	})
	if fatal {
		r.fail(&ConnectionError{Target: r.target, Err: res.err})
	}
}
