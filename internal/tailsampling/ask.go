package tailsampling

import "context"

// ask runs a question in the deciding goroutine, which owns what is learned and logged: decisions wait until it is answered. It fails
// where ctx ends first or the engine has been shut down.
func (e *Engine) ask(ctx context.Context, question func(*decider)) error {
	if !e.started { // the caller drives the steps
		question(e.decider)
		return nil
	}
	answered := make(chan struct{})
	select {
	case e.questions <- func() {
		defer close(answered)
		question(e.decider)
	}:
	case <-e.stopped:
		return ErrShutdown
	case <-ctx.Done():
		return ctx.Err()
	}
	<-answered // without regard to ctx: the question writes what the caller reads
	return nil
}
