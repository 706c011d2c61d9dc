package smarttailsampling

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/assayhq/assay/internal/smarttailsampling/internal/metadatatest"
)

// shelf is a storage extension in memory, and its own client.
type shelf struct {
	mu     sync.Mutex // guards everything below
	values map[string][]byte
	sets   int
	fail   error
	opened int
}

func (*shelf) Start(context.Context, component.Host) error { return nil }
func (*shelf) Shutdown(context.Context) error              { return nil }

func (s *shelf) GetClient(_ context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	if kind != component.KindProcessor || id != owner.ID || name != storageName {
		return nil, errors.New("another owner")
	}
	s.opened++
	return s, nil
}

func (s *shelf) Close(context.Context) error { s.opened--; return nil }

func (s *shelf) Get(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	return s.values[key], nil
}

// held is a stored value, and how often any was stored.
func (s *shelf) held(key string) (value []byte, sets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[key], s.sets
}

func (s *shelf) Set(_ context.Context, key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.values[key] = bytes.Clone(value)
		s.sets++
	}
	return s.fail
}

func (s *shelf) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, key)
	return s.fail
}

func (s *shelf) Batch(ctx context.Context, ops ...*storage.Operation) error {
	for _, op := range ops {
		if op.Type == storage.Delete {
			_ = s.Delete(ctx, op.Key)
		} else if err := s.Set(ctx, op.Key, op.Value); err != nil {
			return err
		}
	}
	return s.fail
}

// shelves is a host with a storage extension, and one that stores nothing.
type shelves struct {
	component.Host
	all map[component.ID]component.Component
}

func (h shelves) GetExtensions() map[component.ID]component.Component { return h.all }

var (
	fileStorage = component.MustNewID("file_storage")
	pprof       = component.MustNewID("pprof")
)

func (s *shelf) host() component.Host {
	return shelves{componenttest.NewNopHost(), map[component.ID]component.Component{fileStorage: s, pprof: componenttestNop{}}}
}

type componenttestNop struct{ component.StartFunc }

func (componenttestNop) Shutdown(context.Context) error { return nil }

// keeping makes a sampler with a storage that was not started.
func keeping(t *testing.T, change func(*Config)) *pipeline {
	t.Helper()
	p := &pipeline{t: t, sink: new(consumertest.TracesSink), telemetry: componenttest.NewTelemetry()}
	cfg := changed(func(c *Config) {
		c.Budget.Percentage, c.Storage = ptr(100.0), &fileStorage
		if change != nil {
			change(c)
		}
	})
	require.NoError(t, cfg.Validate())
	var err error
	p.processor, err = New(p.telemetry.NewTelemetrySettings(), owner, cfg, p.sink)
	require.NoError(t, err)
	return p
}

// decidesSoon tells whether a trace is decided before initial_wait, as one of a kind that is known.
func (p *pipeline) decidesSoon(n int) bool {
	p.send(trace(traceID(n, 0.5)))
	wait(2 * time.Second)
	soon := len(p.arrived()[traceID(n, 0.5)]) > 0
	wait(10 * time.Second)
	return soon
}

// taught is a shelf with the state of a sampler that knows a kind of trace.
func taught(t *testing.T) *shelf {
	s := &shelf{values: map[string][]byte{}}
	p := keeping(t, nil)
	require.NoError(t, p.processor.Start(t.Context(), s.host()))
	for n := range 200 {
		p.send(trace(traceID(n, 0.5)))
		wait(time.Second)
	}
	_, sets := s.held(stateKey)
	assert.Equal(t, 3, sets, "once a minute")
	assert.True(t, p.decidesSoon(1000))
	p.stop()
	_, sets = s.held(stateKey)
	assert.Equal(t, 4, sets, "and at the end")
	return s
}

func TestStateSurvivesRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := taught(t)
		p := keeping(t, nil)
		require.NoError(t, p.processor.Start(t.Context(), s.host()))
		assert.True(t, p.decidesSoon(2000))
		p.stop()
		fresh := started(t, nil, nil)
		assert.False(t, fresh.decidesSoon(2000), "as one that has learned nothing does not")
		fresh.stop()
		assert.Zero(t, s.opened)
	})
}

// Whatever is wrong with what is stored: it is set aside, counted, and learning begins anew.
func TestWhatCannotBeUsedIsSetAside(t *testing.T) {
	for name, one := range map[string]struct {
		damage func(*shelf)
		change func(*Config)
		reason string
		aside  bool
	}{
		"a flipped bit":       {damage: func(s *shelf) { s.values[stateKey][100] ^= 1 }, reason: "damaged", aside: true},
		"cut":                 {damage: func(s *shelf) { s.values[stateKey] = s.values[stateKey][:50] }, reason: "damaged", aside: true},
		"empty":               {damage: func(s *shelf) { s.values[stateKey] = []byte{} }, reason: "damaged", aside: true},
		"something else":      {damage: func(s *shelf) { s.values[stateKey] = []byte("{\"json\": true}") }, reason: "damaged", aside: true},
		"a newer version":     {damage: func(s *shelf) { s.values[stateKey][3]++ }, reason: "version", aside: true},
		"other attributes":    {change: func(c *Config) { c.Paths.Attributes = []string{"http.route"} }, reason: "foreign", aside: true},
		"a disk that is full": {damage: func(s *shelf) { s.fail = errors.New("no space left on device") }, reason: "read"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := taught(t)
				if one.damage != nil {
					one.damage(s)
				}
				before, _ := s.held(stateKey)
				p := keeping(t, one.change)
				require.NoError(t, p.processor.Start(t.Context(), s.host()))
				metadatatest.AssertEqualProcessorSmartTailSamplingStateErrors(t, p.telemetry,
					point(int64(1), "reason", one.reason), anyTime)
				assert.False(t, p.decidesSoon(2000))
				if one.aside {
					aside, _ := s.held(asideKey)
					assert.Equal(t, before, aside)
					wait(time.Minute)
					now, _ := s.held(stateKey)
					assert.NotEqual(t, before, now, "learned since")
				}
				p.stop()
			})
		})
	}
}

// A storage that fails costs what was learned, and nothing else.
func TestStorageThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{values: map[string][]byte{}}
		p := keeping(t, nil)
		require.NoError(t, p.processor.Start(t.Context(), s.host()))
		s.mu.Lock()
		s.fail = errors.New("no space left on device")
		s.mu.Unlock()
		p.send(trace(traceID(1, 0.5)))
		wait(2*time.Minute + time.Second)
		metadatatest.AssertEqualProcessorSmartTailSamplingStateErrors(t, p.telemetry, point(int64(2), "reason", "write"), anyTime)
		assert.Len(t, p.arrived(), 1)
		p.stop()
	})
}

func TestStorageThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{values: map[string][]byte{}}
		for name, want := range map[string]string{
			"redis_storage": `storage: there is no extension "redis_storage"`,
			"pprof":         `storage: "pprof" stores nothing; name an extension that does, such as file_storage`,
		} {
			p := keeping(t, func(c *Config) { c.Storage = ptr(component.MustNewID(name)) })
			require.ErrorContains(t, p.processor.Start(t.Context(), s.host()), want)
			p.stop()
		}
	})
}
