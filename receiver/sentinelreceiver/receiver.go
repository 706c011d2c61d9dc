package sentinelreceiver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
)

// sentinelReceiver sends the streams of its configuration.
type sentinelReceiver struct {
	config   *Config
	settings receiver.Settings
	traces   consumer.Traces
	metrics  consumer.Metrics
	forget   func()

	telemetry *telemetry
	generator *generator.Generator
	streams   []vantage.Stream
	ledger    vantage.Ledger // nil without an extension
	reporter  *reporter      // nil without a pipeline of metrics

	starting, ending sync.Once
	started, ended   error
}

var (
	_ receiver.Traces  = (*sentinelReceiver)(nil)
	_ receiver.Metrics = (*sentinelReceiver)(nil)
)

func newReceiver(set receiver.Settings, cfg *Config) (*sentinelReceiver, error) {
	tel, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	return &sentinelReceiver{config: cfg, settings: set, telemetry: tel, forget: func() {}}, nil
}

// Start begins to send, once for all pipelines.
func (r *sentinelReceiver) Start(_ context.Context, host component.Host) error {
	r.starting.Do(func() { r.started = r.start(host) }) //nolint:contextcheck // Start's context ends with Start
	return r.started
}

func (r *sentinelReceiver) start(host component.Host) error {
	if r.traces == nil {
		r.settings.Logger.Warn("The sentinel is in a pipeline of metrics only, so it sends nothing and has nothing to tell of; add it to a pipeline of traces")
		return nil
	}
	key, instance, extension, err := r.identify(host)
	if err != nil {
		return err
	}
	if err := r.compile(key); err != nil {
		return err
	}
	if extension != nil {
		if r.ledger, err = extension.Announce(r.settings.ID, r.streams); err != nil {
			return err
		}
	}
	var run [8]byte
	_, _ = rand.Read(run[:]) // never fails
	g := generator.Config{
		Instance: instance, Run: binary.BigEndian.Uint64(run[:]), Retry: generator.Retry(r.config.Retry),
		Send: r.traces.ConsumeTraces, Observer: &observer{telemetry: r.telemetry, ledger: r.ledger, host: host}, Clock: time.Now,
	}
	for _, s := range r.streams {
		g.Streams = append(g.Streams, s.Stream)
	}
	r.generator = generator.New(g)
	if err := r.telemetry.watch(r.streams, r.generator); err != nil {
		return err
	}
	r.generator.Start()
	if r.metrics != nil {
		r.reporter = newReporter(r)
		r.reporter.start()
	}
	r.settings.Logger.Info("The sentinel sends", zap.Stringer("key", key), zap.Uint16("instance", instance),
		zap.String("topology", r.config.Topology), zap.Strings("streams", r.describe()), zap.Bool("ledger", r.ledger != nil))
	return nil
}

// identify finds the key: the receiver's own, or that of the extension.
func (r *sentinelReceiver) identify(host component.Host) (*identity.Key, uint16, vantage.Sentinel, error) {
	if r.config.Key != "" {
		if beside, err := vantage.Find(host.GetExtensions(), nil); beside != nil || err != nil {
			r.settings.Logger.Warn("This receiver has a key of its own, so the sentinel extension beside it knows nothing of its streams; remove the key to use that of the extension",
				zap.String("option", "receivers::"+r.settings.ID.String()+"::key"))
		}
		key, err := identity.NewKey(string(r.config.Key))
		if err != nil {
			return nil, 0, nil, err
		}
		name := r.config.Instance
		if name == autoInstance {
			if name, err = identity.NodeName(); err != nil {
				return nil, 0, nil, err
			}
			name += " " + r.settings.ID.String() // two receivers of one collector must not send the same traces
		}
		return key, identity.InstanceOf(name), nil, nil
	}
	extension, err := vantage.Find(host.GetExtensions(), r.config.Extension)
	if err != nil {
		return nil, 0, nil, err
	}
	if extension == nil {
		return nil, 0, nil, fmt.Errorf("key: must be set, or the sentinel extension added to service::extensions; "+
			"verifiers need the same key, of at least %d bytes", identity.MinSecret)
	}
	return extension.Key(), extension.Instance(), extension, nil
}

func (r *sentinelReceiver) compile(key *identity.Key) error {
	t, err := topology.Load(r.config.Topology)
	if err != nil {
		return fmt.Errorf("topology: %w", err)
	}
	for _, c := range r.config.Streams.Streams(t) {
		s, err := traffic.NewStream(key, c)
		if err != nil {
			return fmt.Errorf("streams::%s: %w", c.Name, err)
		}
		r.streams = append(r.streams, vantage.Stream{Stream: s, Alert: r.config.Streams.Alert(c.Name)})
	}
	return nil
}

// describe lists the streams with their fingerprints: verifiers with other ones are configured otherwise.
func (r *sentinelReceiver) describe() []string {
	var out []string
	for _, s := range r.streams {
		out = append(out, fmt.Sprintf("%s %s", s.Config().Name, s.Fingerprint()))
	}
	return out
}

// Shutdown sends what has been begun, for as long as ctx allows.
func (r *sentinelReceiver) Shutdown(ctx context.Context) error {
	r.ending.Do(func() {
		r.forget()
		if r.generator != nil {
			r.ended = r.generator.Shutdown(ctx)
		}
		if r.reporter != nil {
			r.ended = errors.Join(r.ended, r.reporter.shutdown(ctx))
		}
		if r.ledger != nil {
			r.ledger.Close()
		}
		r.telemetry.close()
	})
	return r.ended
}
