package generator

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Config of a Generator.
type Config struct {
	Instance uint16            // of the sentinel
	Streams  []*traffic.Stream // with different numbers, of one key
	Run      uint64            // a random number: tells this run from others of the same instance
	Retry    Retry
	Send     func(context.Context, ptrace.Traces) error
	Observer Observer         // may be nil
	Clock    func() time.Time // time.Now, but for tests
}

// Retry says how a batch is tried again that the pipeline may take later. The pauses double, up to MaxInterval.
type Retry struct {
	InitialInterval time.Duration // pause before the second try
	MaxInterval     time.Duration
	MaxElapsedTime  time.Duration // since the first try; then the batch counts as refused
}

// DefaultRetry tries for half a minute.
func DefaultRetry() Retry {
	return Retry{InitialInterval: 50 * time.Millisecond, MaxInterval: 5 * time.Second, MaxElapsedTime: 30 * time.Second}
}

// Observer is told what happens. It is called concurrently.
type Observer interface {
	// Begin is called before the first try of a batch; what it returns is the context of all tries.
	Begin(context.Context) context.Context
	// End is called after the last try, with the error that refused the batch, or nil. Each batch has one Begin and one End.
	End(ctx context.Context, stream *traffic.Stream, spans int, err error)
	// Told is called with each manifest at the time it is sent, and belongs to the observer.
	Told(stream *traffic.Stream, m *traffic.Manifest)
}

// Generator sends streams.
type Generator struct {
	config Config
	pacers []*pacer
	stop   context.CancelFunc // ends pacing
	abort  context.CancelFunc // ends sending
	pacing sync.WaitGroup
	ending sync.Once
	ended  chan struct{}
}

// New makes a generator.
func New(config Config) *Generator {
	if config.Observer == nil {
		config.Observer = nobody{}
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	return &Generator{config: config, ended: make(chan struct{})}
}

// Start begins to send with the next slot.
func (g *Generator) Start() {
	var pace, send context.Context
	pace, g.stop = context.WithCancel(context.Background())
	send, g.abort = context.WithCancel(context.Background())
	for _, s := range g.config.Streams {
		p := newPacer(send, &g.config, s)
		g.pacers = append(g.pacers, p)
		g.pacing.Go(func() { p.run(pace) })
	}
}

// Shutdown sends what has been begun, and a last manifest, for as long as ctx allows; then it gives up what is under way,
// which is refused. It can be called before Start, and more than once.
func (g *Generator) Shutdown(ctx context.Context) error {
	if g.stop == nil {
		return nil
	}
	g.ending.Do(func() {
		g.stop()
		go func() {
			defer close(g.ended)
			g.pacing.Wait()
			var finishing sync.WaitGroup
			for _, p := range g.pacers {
				finishing.Go(p.finish)
			}
			finishing.Wait()
		}()
	})
	select {
	case <-g.ended:
		g.abort()
		return nil
	case <-ctx.Done():
		g.abort()
		<-g.ended
		return errors.Join(errors.New("spans were under way when the time for shutdown was up; they count as refused"), ctx.Err())
	}
}

// Counts returns the sums of a stream, by its place in Config.Streams. Before Start they are zero.
func (g *Generator) Counts(stream int) Counts {
	if stream >= len(g.pacers) {
		return Counts{}
	}
	return g.pacers[stream].account.sums()
}

// nobody observes nothing.
type nobody struct{}

func (nobody) Begin(ctx context.Context) context.Context        { return ctx }
func (nobody) End(context.Context, *traffic.Stream, int, error) {}
func (nobody) Told(*traffic.Stream, *traffic.Manifest)          {}
