package sentinelextension

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/config/confighttp"

	"github.com/assayhq/assay/internal/httpquery"
	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// problems collects every complaint about a configuration, each with the path of the key below the component.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// below adds what was joined in err, under a path.
func (p *problems) below(path string, err error) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, one := range joined.Unwrap() {
			p.add("%s::%w", path, one)
		}
	} else if err != nil {
		p.add("%s::%w", path, err)
	}
}

// between complains of a duration outside of what makes sense.
func (p *problems) between(path string, d, least, most time.Duration) {
	if d < least || d > most {
		p.add("%s: must be between %v and %v, got %v", path, least, most, d)
	}
}

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var p problems
	if c.Key != "" {
		if _, err := identity.NewKey(string(c.Key)); err != nil {
			p.add("%w", err)
		}
	}
	if c.Instance == "" {
		p.add("instance: must be %q, or a name that no other sentinel with this key has", autoInstance)
	}
	objectives := c.SLO.objectives()
	p.below("slo", objectives.Validate())
	times := verify.Config{LateAfter: c.SLO.LateAfter, LostAfter: c.SLO.LostAfter, MaxTraces: 1}
	p.below("slo", times.Validate())
	if c.SLO.P99 > c.SLO.LateAfter {
		p.add("slo::p99: must be at most late_after (%v): what is late is not within it, got %v", c.SLO.LateAfter, c.SLO.P99)
	}
	c.checkBackends(&p)
	c.checkMonitoring(&p)
	if h := c.Heartbeat.Get(); h != nil {
		checkClient(&p, "heartbeat", &h.ClientConfig)
		p.between("heartbeat::interval", h.Interval, time.Second, time.Hour)
	}
	return errors.Join(p...)
}

func (c *Config) checkBackends(p *problems) {
	names := map[string]int{}
	for i := range c.Backends {
		b, path := &c.Backends[i], fmt.Sprintf("backends::%d", i)
		first, taken := names[b.Name]
		switch {
		case b.Name == "":
			p.add("%s::name: must be set: verdicts are told by it", path)
		case slices.Contains([]string{"alerts", "numbers"}, b.Name):
			p.add("%s::name: %q is the name of another vantage; choose another one", path, b.Name)
		case taken:
			p.add("%s::name: %q is that of backends::%d", path, b.Name, first)
		}
		names[b.Name] = i
		if !slices.Contains(backend.Kinds(), backend.Kind(b.Type)) {
			p.add("%s::type: must be one of %v, got %q", path, backend.Kinds(), b.Type)
		}
		checkClient(p, path, &b.ClientConfig)
		if !(b.Share > 0 && b.Share <= 1) {
			p.add("%s::share: must be more than 0 and at most 1, got %v", path, b.Share)
		}
		if err := b.Sampler.Validate(c.SLO.LateAfter, c.SLO.LostAfter); err != nil {
			p.add("%s::%w", path, err)
		}
	}
}

func (c *Config) checkMonitoring(p *problems) {
	prometheus, alertmanager := c.Prometheus.Get(), c.Alertmanager.Get()
	if prometheus != nil {
		checkClient(p, "prometheus", &prometheus.ClientConfig)
		p.between("prometheus::scrape_interval", prometheus.ScrapeInterval, 100*time.Millisecond, time.Hour)
		p.between("prometheus::evaluation_interval", prometheus.EvaluationInterval, 100*time.Millisecond, time.Hour)
		p.between("prometheus::rule::range", prometheus.Rule.Range, 0, 24*time.Hour)
		p.between("prometheus::rule::for", prometheus.Rule.For, 0, 24*time.Hour)
		if n := prometheus.Numbers.Get(); n != nil {
			checkNumbers(p, n, prometheus.ScrapeInterval)
		}
	}
	if alertmanager == nil {
		return
	}
	if prometheus == nil {
		p.add("prometheus: must be set beside alertmanager: without it nobody can be asked why an alert did not come")
	}
	checkClient(p, "alertmanager", &alertmanager.ClientConfig)
	if _, _, err := net.SplitHostPort(alertmanager.Webhook.NetAddr.Endpoint); err != nil {
		p.add("alertmanager::webhook::endpoint: must be host:port, such as %s, got %q", defaultWebhookEndpoint, alertmanager.Webhook.NetAddr.Endpoint)
	}
	p.between("alertmanager::group_wait", alertmanager.GroupWait, 0, time.Hour)
	p.between("alertmanager::group_interval", alertmanager.GroupInterval, 100*time.Millisecond, time.Hour)
	p.between("alertmanager::slack", alertmanager.Slack, 0, time.Hour)
}

func checkNumbers(p *problems, n *NumbersConfig, scrape time.Duration) {
	const path = "prometheus::numbers::"
	if n.Metric == "" || strings.ContainsAny(n.Metric, "{}() ") {
		p.add("%smetric: must be the name of a histogram without _bucket, got %q", path, n.Metric)
	}
	if n.Unit != time.Millisecond && n.Unit != time.Second {
		p.add("%sunit: must be 1ms or 1s, the unit of the histogram's bounds, got %v", path, n.Unit)
	}
	p.between(path+"every", n.Every, time.Second, time.Hour)
	p.between(path+"edge", n.Edge, scrape+time.Second, time.Hour)
}

func checkClient(p *problems, path string, c *confighttp.ClientConfig) {
	if _, err := httpquery.New(c.Endpoint, nil); err != nil {
		p.add("%s::%w", path, err)
	}
}
