package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/assayhq/assay/internal/simulate"
	"github.com/assayhq/assay/internal/tailsampling"
)

// simulation is the result of the command: a report of one run, a summary of several, a sweep, or a comparison of fleets.
type simulation struct {
	Files     []string           `json:"files"`
	Sampler   samplerDescription `json:"sampler"`
	Seed      uint64             `json:"seed"`
	Seeds     int                `json:"seeds"`
	Rate      float64            `json:"rate"`                  // traces a second; 0: as recorded
	Gateways  fleetSizes         `json:"fleet_sizes,omitempty"` // none: a sampler on its own
	Warm      bool               `json:"warm"`
	Thin      float64            `json:"thin"`
	Broken    int                `json:"broken_records"`
	WithoutID int                `json:"spans_without_trace_id"`
	Report    *simulate.Report   `json:"report,omitempty"`
	Summary   *simulate.Summary  `json:"summary,omitempty"`
	Sweep     *simulate.Sweep    `json:"sweep,omitempty"` // with budgets in place of the sampler's

	Fleet *simulate.FleetSweep `json:"fleet,omitempty"`
}

// samplerDescription is the part of a configuration that a result should be read with.
type samplerDescription struct {
	Processor string             `json:"processor"`
	Budget    map[string]float64 `json:"budget"` // by its key in the configuration
	Baseline  float64            `json:"baseline"`
	Rules     int                `json:"rules"`
	text      string             // of the budget
	unitText  string             // likewise, without its value
	unit      tailsampling.Unit
}

func (s *sampler) describe() samplerDescription {
	b := s.engine.Budget
	key, text := "percentage", "% of the spans"
	switch b.Unit {
	case tailsampling.SpansPerSecond:
		key, text = "spans_per_second", "spans a second"
	case tailsampling.TracesPerSecond:
		key, text = "traces_per_second", "traces a second"
	case tailsampling.BytesPerSecond:
		key, text = "bytes_per_second", "bytes a second"
	case tailsampling.SharePercent:
	}
	return samplerDescription{
		Processor: s.name, Budget: map[string]float64{key: b.Value}, Baseline: s.engine.Baseline, Rules: len(s.engine.Rules),
		text: strconv.FormatFloat(b.Value, 'f', -1, 64) + " " + text, unitText: text, unit: b.Unit,
	}
}

func (s *simulation) writeText(w io.Writer, o simulate.TextOptions) error {
	arrivals := "as recorded"
	if s.Rate > 0 {
		arrivals = strconv.FormatFloat(s.Rate, 'f', -1, 64) + " traces a second"
	}
	budget, then := s.Sampler.text, "; "
	if s.Sweep != nil {
		budget, then = "budgets in "+s.Sampler.unitText, "\n" // one line would be too long
	}
	_, err := fmt.Fprintf(w, "%s: %s, baseline %s%s%s, seed %d\n", s.Sampler.Processor, budget,
		strconv.FormatFloat(s.Sampler.Baseline, 'f', -1, 64), then, arrivals, s.Seed)
	if err != nil {
		return err
	}
	if n := s.Gateways.one(); n > 0 {
		if _, err := fmt.Fprintf(w, "gateways: %d, each with %s\n", n, s.Sampler.each(n)); err != nil {
			return err
		}
	}
	for _, n := range [...]struct {
		count int
		text  string
	}{{s.Broken, "Records that could not be read"}, {s.WithoutID, "Spans without a trace id, left out"}} {
		if n.count > 0 {
			if _, err := fmt.Fprintf(w, "%s: %d\n", n.text, n.count); err != nil {
				return err
			}
		}
	}
	if s.Sweep != nil {
		return s.Sweep.WriteText(w, o, sweepUnit(&s.Sampler))
	}
	if s.Fleet != nil {
		return s.Fleet.WriteText(w, sweepUnit(&s.Sampler))
	}
	if s.Summary != nil {
		return s.Summary.WriteText(w, o)
	}
	return s.Report.WriteText(w, o)
}
