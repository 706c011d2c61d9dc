package replay

import "time"

// report calls Config.Progress until finished.
func (r *replayer) report(finished <-chan struct{}) {
	if r.cfg.Progress == nil {
		return
	}
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-finished:
			return
		case <-tick.C:
			r.cfg.Progress(r.status())
		}
	}
}

func (r *replayer) status() Status {
	s := r.tally.get()
	out := Status{
		Done: -1, Accepted: s.Accepted, Refused: s.Refused, Retries: s.Retries, Broken: s.BrokenRecords,
		Elapsed: time.Since(r.start),
	}
	if done := r.doneBy.Load(); done != nil {
		out.Done = (*done)()
	}
	if due := r.dueAt.Load(); due != 0 {
		out.Wait = max(0, time.Until(time.Unix(0, due)))
	}
	return out
}

// share is how much of the whole replay is done when the given share of a pass is.
func (r *replayer) share(pass int, done float64) float64 {
	whole := -1.0
	if r.cfg.Repeat > 0 && done >= 0 {
		whole = (float64(pass-1) + done) / float64(r.cfg.Repeat)
	}
	if r.cfg.LimitSpans > 0 {
		whole = max(whole, float64(r.tally.get().Spans)/float64(r.cfg.LimitSpans))
	}
	return whole
}
