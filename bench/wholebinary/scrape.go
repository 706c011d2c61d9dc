package wholebinary

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/assayhq/assay/bench/subject"
)

// counters are the collector's own metrics, by name and labels as they stand in the Prometheus text format.
type counters map[string]float64

func (c *sampling) scrape(ctx context.Context) (counters, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.metrics+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("metrics of the collector: %w", err)
	}
	defer resp.Body.Close()
	all := counters{}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || at < 0 {
			continue
		}
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("metrics of the collector: %q: %w", line, err)
		}
		all[line[:at]] = v
	}
	return all, lines.Err()
}

// sum adds up a counter over its labels, or over those with the value where value is not empty. The suffix _total is
// optional.
func (c counters) sum(name, label, value string) (total float64) {
	for series, v := range c {
		metric, labels, _ := strings.Cut(series, "{")
		if strings.TrimSuffix(metric, "_total") == name && (value == "" || strings.Contains(labels, label+`="`+value+`"`)) {
			total += v
		}
	}
	return total
}

// checkLosses returns an error if the sampler had to give up anything.
func (c counters) checkLosses(name subject.Name) error {
	for _, loss := range subject.Losses(name) {
		if n := c.sum(loss.Metric, "reason", loss.Reason); n > 0 {
			return fmt.Errorf("%s could not hold the load: %s %s is %v; the figures would not be comparable", name, loss.Metric, loss.Reason, n)
		}
	}
	return nil
}

// keptPercent is the share of the decided traces that were kept.
func (c counters) keptPercent(name subject.Name) float64 {
	metric, kept := subject.Decisions(name)
	return 100 * c.sum(metric, "decision", kept) / c.sum(metric, "", "")
}
