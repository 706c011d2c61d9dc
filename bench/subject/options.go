package subject

import (
	"fmt"
	"strings"
	"time"
)

// Options are what both processors are configured for, each in its own terms.
type Options struct {
	// Kept is the share of traces to keep, in percent: 1, 5 or 100.
	Kept float64
	// Hold is how long a trace is held after its first span; 0 leaves smart_tail_sampling to learn it.
	Hold time.Duration
	// TracesPerSecond is what is expected, for tail_sampling to size its maps.
	TracesPerSecond int
	// Shards is num_shards of tail_sampling, which has it from v0.161.0 on; 0 leaves it out.
	Shards int
	// Journal is the directory of Journaled.
	Journal string
	// Fsync is whether Journaled waits for the disk.
	Fsync bool
}

// DefaultHold is what tail_sampling waits where Hold is 0: the value that its documentation shows.
const DefaultHold = 10 * time.Second

// oddShare is the share of traces, in percent, that fail or are slow: see package workload.
const oddShare = 0.5

// YAML is the configuration of a processor. Neither may lose a span for want of room: limits are far above what is needed.
// The two remember as many decisions.
func (o Options) YAML(name Name) (string, error) {
	switch name {
	case Smart:
		return o.smart(), nil
	case Journaled:
		return o.smart() + fmt.Sprintf("journal: {directory: %q, max_mib: 16384, fsync: %v}\n", o.Journal, o.Fsync), nil
	case Tail:
		return o.tail()
	}
	return "", fmt.Errorf("subject %q has no configuration", name)
}

func (o Options) smart() string {
	var b strings.Builder
	fmt.Fprintf(&b, "budget: {percentage: %v}\n", o.Kept)
	fmt.Fprintf(&b, "memory: {limit_mib: 8192}\n")
	if o.Hold > 0 {
		fmt.Fprintf(&b, "completion: {min_wait: %v, initial_wait: %v, max_wait: %v}\n", o.Hold, o.Hold, 3*o.Hold)
	}
	return b.String()
}

func (o Options) tail() (string, error) {
	hold := o.Hold
	if hold == 0 {
		hold = DefaultHold
	}
	var b strings.Builder
	fmt.Fprintf(&b, "decision_wait: %v\n", hold)
	fmt.Fprintf(&b, "num_traces: 1000000\n")
	fmt.Fprintf(&b, "expected_new_traces_per_sec: %d\n", o.TracesPerSecond)
	fmt.Fprintf(&b, "decision_cache: {sampled_cache_size: 200000, non_sampled_cache_size: 2000000}\n")
	if o.Shards > 0 {
		fmt.Fprintf(&b, "num_shards: %d\n", o.Shards)
	}
	b.WriteString("policies:\n")
	switch {
	case o.Kept == 100:
		b.WriteString("  - {name: all, type: always_sample}\n")
	case o.Kept >= oddShare && o.Kept < 100:
		b.WriteString("  - {name: failing, type: status_code, status_code: {status_codes: [ERROR]}}\n")
		b.WriteString("  - {name: slow, type: latency, latency: {threshold_ms: 2000}}\n")
		fmt.Fprintf(&b, "  - {name: rest, type: probabilistic, probabilistic: {sampling_percentage: %v}}\n", o.Kept-oddShare)
	default:
		return "", fmt.Errorf("kept share: must be 100 or at least %v percent, got %v", oddShare, o.Kept)
	}
	return b.String(), nil
}
