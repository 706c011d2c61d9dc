package sentinelexporter

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/assayhq/assay/exporter/sentinelexporter/internal/metadata"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/vantage"
	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/hosttest"
)

// With another key, all spans are somebody else's: once a generator must have been heard, that is told.
func TestAnotherKeyShowsInStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &hosttest.Host{}, aloneConfig()
		c.Key = "not the generator's secret"
		r := started(t, c, h)
		r.generate(*c.LateAfter+grace-tick, nil)
		assert.Empty(t, h.Statuses(), "it is too early to know")
		r.generate(2*time.Second, nil)
		require.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, h.Statuses())
		require.ErrorContains(t, h.Events()[0].Err(), "unknown: no generator has been heard")
		r.stop()
	})
}

// Without room nothing can be judged.
func TestTooManyTracesShowInStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := &hosttest.Host{}, aloneConfig()
		c.MaxTraces = 11
		r := started(t, c, h)
		r.generate(10*time.Second, nil)
		var reasons []string
		for _, e := range h.Events() {
			if e.Err() != nil {
				reasons = append(reasons, e.Err().Error())
			}
		}
		assert.Contains(t, reasons, "unknown: there are more traces than max_traces")
		r.stop()
	})
}

// Verdicts that all say nothing are told, unless a sampler in between makes them.
func TestNothingKnownShowsInStatus(t *testing.T) {
	key, err := identity.NewKey(secret)
	require.NoError(t, err)
	for name, sampler := range map[string]verify.Sampler{"all must arrive": nil, "behind a sampler": verify.Tail{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				place := vantage.Place{Config: verify.Config{
					Key: key, Streams: []*traffic.Stream{newStream(t)}, MaxTraces: 1000, Sampler: sampler, LateAfter: 2 * time.Minute, LostAfter: 5 * time.Minute,
					Report: func(verify.Judgement) {},
				}}
				a, err := newAlone(place, &hosttest.Host{})
				require.NoError(t, err)
				defer a.Close()
				assert.Empty(t, a.trouble(time.Now()))
				a.note(verify.Judgement{Verdict: verify.Delivered})
				time.Sleep(memory - time.Second) //nolint:forbidigo // the bubble's clock
				a.note(verify.Judgement{Verdict: verify.Unknown})
				assert.Empty(t, a.trouble(time.Now()))
				time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock
				if sampler == nil {
					assert.Equal(t, "unknown: of the traces of the last minute nothing is known", a.trouble(time.Now()))
				} else {
					assert.Empty(t, a.trouble(time.Now()))
				}
				a.note(verify.Judgement{Verdict: verify.Delivered})
				assert.Empty(t, a.trouble(time.Now()))
			})
		})
	}
}

// A key beside an extension is told, by its place in the configuration.
func TestKeyBesideAnExtension(t *testing.T) {
	for beside, told := range map[component.Component]int{&sentinel{}: 1, nil: 0} {
		core, logs := observer.New(zap.WarnLevel)
		set := exportertest.NewNopSettings(metadata.Type)
		set.Logger = zap.New(core)
		e, err := newExporter(set, aloneConfig())
		require.NoError(t, err)
		require.NoError(t, e.start(t.Context(), &hosttest.Host{Extensions: map[component.ID]component.Component{component.MustNewID("sentinel"): beside}}))
		found := logs.FilterMessageSnippet("a key of its own").All()
		require.Len(t, found, told)
		if told > 0 {
			assert.Equal(t, "exporters::"+set.ID.String()+"::key", found[0].ContextMap()["option"])
		}
		require.NoError(t, e.shutdown(t.Context()))
	}
}
