package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/assayhq/assay/internal/smarttailsampling/api"
	"github.com/assayhq/assay/internal/wire"
)

const explainLong = `Explain asks the sampler of a running collector what became of a trace, and why.

It says whether the trace was kept, how probable that was, what the trace showed that made it interesting and what would have been enough,
and what is usual for its execution path. Reasons are known of the last decisions, as many as a 32nd of the memory limit holds. Of older
ones the sampler remembers for a while whether they were kept; the answer says how far back it reaches.

Exit codes:
  0    the sampler knows the trace
  1    it does not, or no longer
  2    the answer could not be had: wrong usage, no sampler there
  130  interrupted`

const explainExample = `  assayctl explain 4bf92f3577b34da6a3ce929d0e0e4736
  assayctl explain --url http://gateway-1:4000 --component smart_tail_sampling/eu 4bf92f3577b34da6a3ce929d0e0e4736`

const explainTimeout = 10 * time.Second

func newExplainCommand(s streams) *cobra.Command {
	from, output := console{url: "http://localhost:4000"}, outputText
	cmd := &cobra.Command{
		Use:     "explain TRACE-ID",
		Short:   "Say why a trace was kept or not",
		Long:    explainLong,
		Example: explainExample,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := explain(cmd.Context(), &from, args[0])
			if errors.Is(err, context.Canceled) {
				return &exitError{exitInterrupted, nil}
			}
			if err == nil && output == outputJSON {
				err = writeJSON(s.out, x)
			} else if err == nil {
				err = writeExplanation(s.out, x)
			}
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if x.Fate == wire.FateUnknown {
				return &exitError{exitFailed, nil}
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	from.flags(cmd.Flags(), "", "sampler that is to answer where the collector has several, as smart_tail_sampling/eu")
	outputFlag(cmd, &output)
	return cmd
}

func explain(ctx context.Context, from *console, trace string) (*wire.Explanation, error) {
	id, err := api.ParseTraceID(trace)
	if err != nil {
		return nil, errors.New("TRACE-ID: " + err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	x := &wire.Explanation{}
	return x, from.ask(ctx, http.MethodGet, "/api/sampling/traces/"+id.String(), url.Values{}, nil, x)
}
