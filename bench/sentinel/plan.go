package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/assayhq/assay/bench/report"
)

// plan is what to measure.
type plan struct {
	rounds       int
	length       time.Duration // of one run
	telemetrygen string
	binary       string        // of the collector
	ambient      time.Duration // for which it is watched
}

// outcome is what one run over the network came to.
type outcome struct {
	claimed, delivered int64
	took               time.Duration
}

func (o outcome) share() float64 { return 100 * float64(o.delivered) / float64(max(1, o.claimed)) }

func (p *plan) measure(ctx context.Context, progress io.Writer) ([]report.Row, error) {
	made := report.Row{
		Title: "spans made, no network", Unit: "1/CPU second",
		Target: report.AtLeast(1e6, "at least 1,000,000 a core"),
	}
	lost := report.Row{
		Title: "of these not accounted for", Unit: "spans",
		Target: report.AtMost(0, "none"),
	}
	claimed := report.Row{Title: "claimed to be sent over OTLP/HTTP, as fast as it goes", Unit: "spans/s"}
	delivered := report.Row{Title: "received of what was claimed", Unit: "%", Target: report.AtLeast(100, "all")}
	processor := report.Row{
		Title: "10 traces/s, sent and judged, above a bare collector", Unit: "% of a core",
		Target: report.AtMost(1, "at most 1"),
	}
	resident := report.Row{Title: "the same, resident", Unit: "MiB", Target: report.AtMost(32, "at most 32")}
	for n := range p.rounds {
		fmt.Fprintf(progress, "round %d of %d: sentinel, in process\n", n+1, p.rounds)
		speed, unaccounted, err := inProcess(p.length)
		if err != nil {
			return nil, err
		}
		made.Smart, lost.Smart = append(made.Smart, speed), append(lost.Smart, unaccounted)

		fmt.Fprintf(progress, "round %d of %d: sentinel, OTLP/HTTP\n", n+1, p.rounds)
		o, err := overNetwork(p.length)
		if err != nil {
			return nil, err
		}
		claimed.Smart = append(claimed.Smart, float64(o.claimed)/o.took.Seconds())
		delivered.Smart = append(delivered.Smart, o.share())

		if p.binary != "" {
			fmt.Fprintf(progress, "round %d of %d: a collector with a sentinel\n", n+1, p.rounds)
			with, without, err := ambient(ctx, p.binary, p.ambient)
			if err != nil {
				return nil, err
			}
			processor.Smart = append(processor.Smart, with.cpu-without.cpu)
			resident.Smart = append(resident.Smart, with.resident-without.resident)
		}

		if p.telemetrygen == "" {
			continue
		}
		fmt.Fprintf(progress, "round %d of %d: telemetrygen, OTLP/HTTP\n", n+1, p.rounds)
		if o, err = telemetrygen(ctx, p.telemetrygen, p.length); err != nil {
			return nil, err
		}
		claimed.Tail = append(claimed.Tail, float64(o.claimed)/o.took.Seconds())
		delivered.Tail = append(delivered.Tail, o.share())
	}
	rows := []report.Row{made, lost, claimed, delivered}
	if p.binary != "" {
		rows = append(rows, processor, resident)
	}
	return rows, nil
}
