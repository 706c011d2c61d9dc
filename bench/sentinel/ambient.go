package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/assayhq/assay/bench/collector"
	"github.com/assayhq/assay/bench/process"
	"github.com/assayhq/assay/bench/workload"
)

// Two collectors that receive and drop. One has a sentinel besides, with its default of ten traces a second, judged at the end
// of the pipeline.
const (
	bareCollector = `receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
exporters: {nop: }
extensions: {console: {endpoint: %q}}
service:
  extensions: [console]
  telemetry: {logs: {level: warn}, metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}
`
	watchedCollector = `receivers: {otlp: {protocols: {http: {endpoint: %q}}}, sentinel: }
exporters: {nop: , sentinel: }
extensions: {console: {endpoint: %q}, sentinel: {key: an entirely public secret}}
service:
  extensions: [console, sentinel]
  telemetry: {logs: {level: warn}, metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp, sentinel], exporters: [nop, sentinel]}}
`
)

// cost is what a collector takes.
type cost struct {
	cpu      float64 // % of a core
	resident float64 // MiB, at the most
}

// ambient measures what the sentinel takes of a collector that has nothing else to do: what two take that run at the same time.
func ambient(ctx context.Context, binary string, length time.Duration) (with, without cost, err error) {
	folder, err := os.MkdirTemp("", "ambient")
	if err != nil {
		return with, without, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	costs := [2]cost{}
	running := [2]*collector.Collector{}
	for i, text := range []string{watchedCollector, bareCollector} {
		if running[i], err = launch(ctx, binary, folder, strconv.Itoa(i), text); err != nil {
			break
		}
		defer func() { err = errors.Join(err, running[i].Stop()) }()
	}
	if err != nil {
		return with, without, err
	}
	workload.Pause(ctx, length/6) // until they have started in every sense
	before := [2]time.Duration{}
	for i, c := range running {
		if before[i], err = process.CPU(c.PID()); err != nil {
			return with, without, err
		}
	}
	began := time.Now()
	workload.Pause(ctx, length)
	for i, c := range running {
		used, err := process.CPU(c.PID())
		if err != nil {
			return with, without, fmt.Errorf("%w; %s", err, c.State())
		}
		_, peak, err := process.Resident(strconv.Itoa(c.PID()))
		if err != nil {
			return with, without, err
		}
		costs[i] = cost{cpu: 100 * (used - before[i]).Seconds() / time.Since(began).Seconds(), resident: float64(peak) / (1 << 20)}
	}
	return costs[0], costs[1], ctx.Err()
}

func launch(ctx context.Context, binary, folder, name, text string) (*collector.Collector, error) {
	otlp, err := collector.FreeAddress()
	if err != nil {
		return nil, err
	}
	console, err := collector.FreeAddress()
	if err != nil {
		return nil, err
	}
	return collector.Start(ctx, binary, folder, name, fmt.Sprintf(text, otlp, console), otlp)
}
