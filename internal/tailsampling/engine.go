package tailsampling

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/tracesketch"
)

// Next takes batches of kept spans. An error that Permanent recognises is final; any other is tried again.
type Next interface {
	ConsumeTraces(ctx context.Context, td ptrace.Traces) error
}

// Engine decides traces. Consume may be called from many goroutines; one goroutine (Start's, or the caller of Step) decides;
// senders hand what is kept to the next consumer.
//
//	Consume --> intake --> assembly (buffer, index, wheel) --> decider: complete? -> how interesting? -> select --> sender --> Next
type Engine struct {
	assembly *assembly
	intake   *intake
	decider  *decider
	sender   *sender
	saver    saver

	questions chan func() // for the deciding goroutine, see ask

	shutdown sync.Once
	started  bool
	stop     chan struct{} // ends the deciding goroutine
	stopped  chan struct{} // it has ended
}

// New makes an engine. clock is time.Now, or that of a test.
func New(cfg Config, next Next, observer Observer, clock func() time.Time) *Engine {
	if cfg.Shards <= 0 {
		cfg.Shards = defaultShards(cfg.MemoryLimit)
	}
	a := newAssembly(&cfg, observer, clock)
	s := newSender(a, next)
	return &Engine{assembly: a, intake: newIntake(a), sender: s, decider: newDecider(a, s.outbox), questions: make(chan func())}
}

// Consume takes in a batch. It keeps nothing of td. It returns nil only for what it has taken in.
func (e *Engine) Consume(ctx context.Context, td ptrace.Traces) error {
	return e.intake.consume(ctx, td)
}

// Step does what is due: it advances the wheels, judges what has become complete, and selects. It must not be called
// concurrently. Start has it called every tick; a test or a simulation may do so with its own clock.
func (e *Engine) Step() {
	if l := e.assembly.ledger; l != nil {
		e.stepJournal(l)
	}
	e.decider.step()
	e.saver.step(e.decider, &e.intake.operations)
}

// Drain hands on all that is kept so far, for a caller that drives Step itself.
func (e *Engine) Drain(ctx context.Context) { e.sender.drain(ctx) }

// Start runs the decider and the senders until Shutdown. Without it, the caller drives Step and Drain.
func (e *Engine) Start() {
	e.started = true
	e.stop, e.stopped = make(chan struct{}), make(chan struct{})
	e.sender.start()
	e.recover()
	go e.decide()
}

func (e *Engine) decide() {
	defer close(e.stopped)
	tick := time.NewTicker(tickInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-e.assembly.memory.kick:
		case question := <-e.questions:
			question()
			continue
		case <-e.stop:
			return
		}
		e.Step()
	}
}

// longestShutdown bounds a shutdown whose context does not: the Collector gives none, and a next consumer that never
// recovers must not keep the process alive.
const longestShutdown = 30 * time.Second

// Shutdown refuses further batches, decides every trace as it stands, and hands on what is kept, until ctx ends. What
// cannot be handed on by then is counted as lost. It may be called twice, and without Start.
func (e *Engine) Shutdown(ctx context.Context) (err error) {
	e.shutdown.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, longestShutdown)
		defer cancel()
		e.intake.close()
		if e.started {
			close(e.stop)
			<-e.stopped
		}
		e.decider.decideAll()
		e.sender.close(ctx)
		err = e.assembly.ledger.close()
		e.assembly.close()
	})
	return err
}

// OperationName tells what an operation stands for, if it has been seen.
func (e *Engine) OperationName(op tracesketch.Operation) (OperationName, bool) {
	return e.intake.operations.name(op)
}
