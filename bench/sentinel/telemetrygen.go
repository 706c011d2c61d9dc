package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// childSpans is what telemetrygen adds to each trace.
const childSpans = 1

// generated is what telemetrygen logs when a worker ends.
var generated = regexp.MustCompile(`traces generated\s+\{.*"traces": (\d+)`)

// telemetrygen lets telemetrygen send as fast as it goes, and compares what it says with what arrived.
func telemetrygen(ctx context.Context, binary string, length time.Duration) (outcome, error) {
	s, err := newSink()
	if err != nil {
		return outcome{}, err
	}
	defer s.close()
	ctx, cancel := context.WithTimeout(ctx, length+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "traces", "--otlp-http", "--otlp-insecure", "--otlp-endpoint", s.address, //nolint:gosec // the user's own
		"--rate", "0", "--workers", "2", "--child-spans", strconv.Itoa(childSpans), "--duration", length.String())
	began := time.Now()
	log, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return outcome{}, fmt.Errorf("telemetrygen: %w: %s", err, log[max(0, len(log)-1000):])
	}
	o := outcome{delivered: s.spans.Load(), took: took}
	for _, m := range generated.FindAllSubmatch(log, -1) {
		n, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err != nil {
			return outcome{}, err
		}
		o.claimed += n * (1 + childSpans)
	}
	if o.claimed == 0 {
		return outcome{}, errors.New("telemetrygen: its log does not say how many traces it generated")
	}
	return o, nil
}
