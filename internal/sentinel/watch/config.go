package watch

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/metricscheck"
	"github.com/assayhq/assay/internal/sentinel/monitoring"
	"github.com/assayhq/assay/internal/sentinel/slo"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Config of a Watch.
type Config struct {
	Name       string // the component's
	Key        *identity.Key
	Instance   uint16
	LateAfter  time.Duration
	LostAfter  time.Duration
	Objectives slo.Config
	Backends   []BackendConfig
	Alerts     *AlertsConfig    // nil: alerts are not followed
	Numbers    *NumbersConfig   // nil: metrics are not checked
	Heartbeat  *HeartbeatConfig // nil: there is none
	Memory     Memory           // nil: nothing is kept across restarts
	Observer   Observer
	Logger     *zap.Logger
}

// BackendConfig is where stored traces are looked up again.
type BackendConfig struct {
	Name    string
	Backend backend.Backend
	Share   float64       // of the traces that are looked up
	Wait    time.Duration // what a sampler before the backend holds traces back, at most
	Sampler verify.Sampler
}

// AlertsConfig is the monitoring system that bursts have to trip.
type AlertsConfig struct {
	Prometheus   *monitoring.Prometheus
	Alertmanager *monitoring.Alertmanager
	Receiver     string // of Alertmanager, whose webhook is ours; "": any
	Intervals    alertcycle.Intervals
	Poll         time.Duration
}

// NumbersConfig says how metrics are checked that were derived from the spans.
type NumbersConfig struct {
	Prometheus *monitoring.Prometheus
	Source     metricscheck.Source
	Every      time.Duration // between two readings
	Edge       time.Duration // the longest time from when a span leaves until Prometheus has counted it
}

// HeartbeatConfig is a dead man's switch.
type HeartbeatConfig struct {
	Send     func(context.Context) error
	Interval time.Duration
}

// Memory keeps what a Watch knows while the collector does not run.
type Memory interface {
	Load(context.Context) ([]byte, error) // nil: there is nothing
	Save(context.Context, []byte) error
}

// Observer is told what happens. It is called concurrently, and must not call the Watch.
type Observer interface {
	// Judged is told each verdict at a vantage.
	Judged(vantage string, j *verify.Judgement)
	// Changed is told when the verdict of all changes.
	Changed(from State, to *Report)
	// Alerted is told how an alert went through a burst.
	Alerted(alert string, r alertcycle.Result)
	// Looked is told each lookup in a backend.
	Looked(backend string, err error)
	// Beat is told each heartbeat.
	Beat(err error)
}
