package api

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/internal/wire"
)

func (h *handlers) trace(r *http.Request) (any, error) {
	p := console.ParametersOf(r)
	id, err := ParseTraceID(r.PathValue("trace"))
	if err != nil {
		p.Wrong("trace: " + err.Error())
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	x, err := h.sampler.Explain(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return explanationOf(id, &x), nil
}

// ParseTraceID reads a trace id as it is written everywhere.
func ParseTraceID(text string) (pcommon.TraceID, error) {
	var id pcommon.TraceID
	if n, err := hex.Decode(id[:], []byte(text[:min(len(text), 2*len(id))])); err != nil || n != len(id) || len(text) != 2*len(id) {
		return id, fmt.Errorf("must be 32 hexadecimal digits, such as 4bf92f3577b34da6a3ce929d0e0e4736, got %q", text)
	}
	if id.IsEmpty() {
		return id, errors.New("must not be all zeros: spans with such an id belong to no trace")
	}
	return id, nil
}

func explanationOf(id pcommon.TraceID, x *tailsampling.Explanation) *wire.Explanation {
	b := &wire.Explanation{TraceID: id.String(), Fate: wire.Fate(x.Fate), ReasonsSince: x.LoggedSince.UTC(), DecisionsSince: x.RememberedSince.UTC()}
	if o := x.Open; o != nil {
		b.Open = &wire.OpenTrace{FirstSeen: o.FirstSeen.UTC(), LastSeen: o.LastSeen.UTC(), Spans: o.Spans, Complete: o.Complete, Latest: o.Latest.UTC()}
	}
	if o := x.Outcome; o != nil {
		b.Outcome = &wire.Outcome{
			Kept: o.Kept, DryRun: o.DryRun, LastSpan: o.LastSpan.UTC(), Threshold: share56(o.Threshold), Randomness: share56(o.Randomness),
			TH: fmt.Sprintf("%014x", o.Threshold), RV: fmt.Sprintf("%014x", o.Randomness), LateSpans: x.LateOpen,
		}
	}
	if d := x.Decided; d != nil {
		b.Reasons = &wire.Reasons{
			Decided: d.At.UTC(), Latency: d.Latency.Seconds(), Reason: d.Reason, Rule: d.Rule, Probability: wire.Number(d.Probability),
			Adjusted: wire.Number(d.Adjusted), Baseline: wire.Number(d.Baseline), Weight: wire.Number(d.Weight), Cutoff: wire.Number(d.Cutoff), Signs: signsOf(d.Signs),
			Excess: d.Excess.Seconds(), Endpoint: operationOf(d.Endpoint), Spans: d.Spans, Errors: d.Errors, Duration: d.Duration.Seconds(),
			Fragment: d.Fragment, Marked: d.Marked, Incoming: 1 - share56(d.Incoming),
		}
	}
	if x.Path != nil {
		path := pathOf(x.Path)
		b.Path = &path
	}
	return b
}

func signsOf(signs []tailsampling.Sign) []wire.Sign {
	out := []wire.Sign{}
	for _, s := range signs {
		sign := wire.Sign{Name: s.Name, Strength: wire.Number(s.Strength), Enough: wire.Number(s.Enough)}
		if s.Operation != (tailsampling.OperationName{}) && s.Strength > 0 {
			operation := operationOf(s.Operation)
			sign.Operation = &operation
		}
		out = append(out, sign)
	}
	return out
}

// share56 is a number of 56 bits as a share of all of them.
func share56(v uint64) wire.Number { return wire.Number(v) / (1 << 56) }
