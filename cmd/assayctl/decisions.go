package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/samplerreport"
)

// decisions asks the collector that a recording goes to what its sampler made of it.
type decisions struct {
	url    string
	client *http.Client
	before *samplerreport.Counters
	asked  bool // or else the sampler that answers may have nothing to do with the recording
}

// isLocal tells whether an endpoint, a URL or HOST:PORT, is on this machine.
func isLocal(endpoint string) bool {
	if _, rest, found := strings.Cut(endpoint, "://"); found {
		endpoint = rest
	}
	host, _, err := net.SplitHostPort(strings.SplitN(endpoint, "/", 2)[0])
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const (
	// defaultMetrics is where a collector exposes its own metrics unless it is told otherwise.
	defaultMetrics = "http://localhost:8888/metrics"
	// awaitDecisions is how long to wait until everything is decided: the longest a sampler waits by default, and a little.
	awaitDecisions = 75 * time.Second
	scrapeTimeout  = 5 * time.Second
)

// watchDecisions notes how things stand before a replay. It returns nil where there is nothing to watch. Unless somebody
// asked for it, that is also so when the recording goes to another machine, and when no sampler answers.
func watchDecisions(ctx context.Context, url, endpoint string, asked bool) (*decisions, error) {
	if url == "" || !asked && !isLocal(endpoint) {
		return nil, nil
	}
	d := &decisions{url: url, asked: asked, client: &http.Client{Timeout: scrapeTimeout}}
	before, err := samplerreport.Scrape(ctx, d.client, url)
	if err != nil {
		if !asked {
			return nil, nil
		}
		return nil, fmt.Errorf("--decisions: %w", err)
	}
	d.before = before
	return d, nil
}

// write waits until the spans that were accepted are decided and says what was kept, and why.
func (d *decisions) write(ctx context.Context, spans int64, s streams) error {
	if d == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, awaitDecisions)
	defer cancel()
	told := false
	report, err := samplerreport.Await(ctx, d.client, d.url, d.before, spans, func(undecided float64) {
		if !told {
			told = true
			_, _ = fmt.Fprintf(s.err, "waiting until %.0f traces are decided (Ctrl-C to leave)\n", undecided)
		}
	})
	if err != nil {
		return fmt.Errorf("--decisions: %w", err)
	}
	if report.Traces == 0 && !d.asked {
		return nil
	}
	return report.WriteText(s.out)
}
