package sentinelextension

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"

	"github.com/assayhq/assay/internal/configerrors"
	"github.com/assayhq/assay/internal/httpquery"
	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var p configerrors.List
	if c.Key != "" {
		if _, err := identity.NewKey(string(c.Key)); err != nil {
			p.Add("%w", err)
		}
	}
	if c.Instance == "" {
		p.Add("instance: must be %q, or a name that no other sentinel with this key has", autoInstance)
	}
	objectives := c.SLO.objectives()
	p.Below("slo", objectives.Validate())
	times := verify.Config{LateAfter: c.SLO.LateAfter, LostAfter: c.SLO.LostAfter, MaxTraces: 1}
	p.Below("slo", times.Validate())
	if c.SLO.P99 > c.SLO.LateAfter {
		p.Add("slo::p99: must be at most late_after (%v): what is late is not within it, got %v", c.SLO.LateAfter, c.SLO.P99)
	}
	c.checkBackends(&p)
	c.checkMonitoring(&p)
	if h := c.Heartbeat.Get(); h != nil {
		checkClient(&p, "heartbeat", &h.ClientConfig)
		p.Between("heartbeat::interval", h.Interval, time.Second, time.Hour)
	}
	return p.Err()
}

func (c *Config) checkBackends(p *configerrors.List) {
	names := map[string]int{}
	for i := range c.Backends {
		b, path := &c.Backends[i], fmt.Sprintf("backends::%d", i)
		first, taken := names[b.Name]
		switch {
		case b.Name == "":
			p.Add("%s::name: must be set: verdicts are told by it", path)
		case slices.Contains([]string{"alerts", "numbers"}, b.Name):
			p.Add("%s::name: %q is the name of another vantage; choose another one", path, b.Name)
		case taken:
			p.Add("%s::name: %q is that of backends::%d", path, b.Name, first)
		}
		names[b.Name] = i
		if !slices.Contains(backend.Kinds(), backend.Kind(b.Type)) {
			p.Add("%s::type: must be one of %v, got %q", path, backend.Kinds(), b.Type)
		}
		checkClient(p, path, &b.ClientConfig)
		if !(b.Share > 0 && b.Share <= 1) {
			p.Add("%s::share: must be more than 0 and at most 1, got %v", path, b.Share)
		}
		if err := b.Sampler.Validate(c.SLO.LateAfter, c.SLO.LostAfter); err != nil {
			p.Add("%s::%w", path, err)
		}
	}
}

func (c *Config) checkMonitoring(p *configerrors.List) {
	prometheus, alertmanager := c.Prometheus.Get(), c.Alertmanager.Get()
	if prometheus != nil {
		checkClient(p, "prometheus", &prometheus.ClientConfig)
		p.Between("prometheus::scrape_interval", prometheus.ScrapeInterval, 100*time.Millisecond, time.Hour)
		p.Between("prometheus::evaluation_interval", prometheus.EvaluationInterval, 100*time.Millisecond, time.Hour)
		p.Between("prometheus::rule::range", prometheus.Rule.Range, 0, 24*time.Hour)
		p.Between("prometheus::rule::for", prometheus.Rule.For, 0, 24*time.Hour)
		if n := prometheus.Numbers.Get(); n != nil {
			checkNumbers(p, n, prometheus.ScrapeInterval)
		}
	}
	if alertmanager == nil {
		return
	}
	if prometheus == nil {
		p.Add("prometheus: must be set beside alertmanager: without it nobody can be asked why an alert did not come")
	}
	checkClient(p, "alertmanager", &alertmanager.ClientConfig)
	if _, _, err := net.SplitHostPort(alertmanager.Webhook.NetAddr.Endpoint); err != nil {
		p.Add("alertmanager::webhook::endpoint: must be host:port, such as %s, got %q", defaultWebhookEndpoint, alertmanager.Webhook.NetAddr.Endpoint)
	}
	p.Between("alertmanager::group_wait", alertmanager.GroupWait, 0, time.Hour)
	p.Between("alertmanager::group_interval", alertmanager.GroupInterval, 100*time.Millisecond, time.Hour)
	p.Between("alertmanager::slack", alertmanager.Slack, 0, time.Hour)
}

func checkNumbers(p *configerrors.List, n *NumbersConfig, scrape time.Duration) {
	const path = "prometheus::numbers::"
	if n.Metric == "" || strings.ContainsAny(n.Metric, "{}() ") {
		p.Add("%smetric: must be the name of a histogram without _bucket, got %q", path, n.Metric)
	}
	if n.Unit != time.Millisecond && n.Unit != time.Second {
		p.Add("%sunit: must be 1ms or 1s, the unit of the histogram's bounds, got %v", path, n.Unit)
	}
	p.Between(path+"every", n.Every, time.Second, time.Hour)
	p.Between(path+"edge", n.Edge, scrape+time.Second, time.Hour)
}

func checkClient(p *configerrors.List, path string, c *confighttp.ClientConfig) {
	if _, err := httpquery.New(c.Endpoint, nil); err != nil {
		p.Add("%s::%w", path, err)
	}
}
