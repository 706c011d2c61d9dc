package smarttailsampling

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/extensions"
)

// Names below which a storage extension keeps the state, and one that could not be read.
const (
	storageName = "sampling"
	stateKey    = "state"
	asideKey    = "state_set_aside"
)

// How often the state is stored, and how long that may take.
const (
	saveInterval = time.Minute
	saveTimeout  = 10 * time.Second
)

// keeper stores what the engine has learned, on a timer and at the end.
type keeper struct {
	*Sampler
	client storage.Client
	states chan []byte // capacity 1
	stop   chan struct{}
	done   chan struct{}
}

// keep finds the storage extension and has the engine begin with what is stored there. An extension that is missing or of another kind is an error; what is
// wrong with the stored state is not: it is set aside, and learning begins anew.
func (s *Sampler) keep(ctx context.Context, host component.Host) (*keeper, error) {
	id := s.config.Storage
	x, err := extensions.Find[storage.Extension](host.GetExtensions(), id, "storage", "stores nothing; name an extension that does, such as file_storage")
	if err != nil {
		return nil, err
	}
	client, err := x.GetClient(ctx, s.owner.Kind, s.owner.ID, storageName)
	if err != nil {
		return nil, fmt.Errorf("storage: extension %q: %w", id, err)
	}
	k := &keeper{Sampler: s, client: client, states: make(chan []byte, 1), stop: make(chan struct{}), done: make(chan struct{})}
	k.load(ctx)
	go k.loop() //nolint:gosec,contextcheck // it outlives Start, and each attempt has a time of its own
	return k, nil
}

func (k *keeper) load(ctx context.Context) {
	b, err := k.client.Get(ctx, stateKey)
	if err == nil && b == nil {
		k.logger.Info("No state is stored: what is usual is learned from now on")
		return
	}
	if err == nil {
		var state []byte
		if state, err = open(b); err == nil {
			err = k.engine.LoadState(state)
		}
	}
	if err == nil {
		k.logger.Info("Sampling goes on with what was learned before")
		return
	}
	k.failed(ctx, stateProblem(err), "The stored state is not used: what is usual is learned anew. It is set aside in the storage, under "+asideKey, err)
	if b != nil {
		if err := k.client.Batch(ctx, storage.SetOperation(asideKey, b), storage.DeleteOperation(stateKey)); err != nil {
			k.failed(ctx, "write", "A state that is not used cannot be set aside", err)
		}
	}
}

func (k *keeper) failed(ctx context.Context, reason, message string, err error) {
	k.telemetry.builder.ProcessorSmartTailSamplingStateErrors.Add(ctx, 1, outcome{reason: reason}.attributes())
	k.logger.Warn(message, zap.String("reason", reason), zap.Error(err))
}

// loop asks for the state at an interval, and stores what comes.
func (k *keeper) loop() {
	defer close(k.done)
	tick := time.NewTicker(saveInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			k.engine.SaveState(func(b []byte) {
				select {
				case k.states <- b:
				default: // the one before is still being stored
				}
			})
		case b := <-k.states:
			k.save(context.Background(), b)
		case <-k.stop:
			return
		}
	}
}

func (k *keeper) save(ctx context.Context, state []byte) {
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	b, err := seal(state)
	if err == nil {
		err = k.client.Set(ctx, stateKey, b)
	}
	if err != nil {
		k.failed(ctx, "write", "What was learned cannot be stored; it stays in memory, and the next attempt is in a minute", err)
	}
}

// close stores the state of an engine that has stopped.
func (k *keeper) close(ctx context.Context) error {
	close(k.stop)
	<-k.done
	k.save(ctx, k.engine.State())
	return k.client.Close(ctx)
}
