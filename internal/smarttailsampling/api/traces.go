package api

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tailsampling"
)

// Explanation says what became of a trace, and why.
type Explanation struct {
	TraceID string `json:"trace_id"`
	Fate    string `json:"fate"` // open, decided, remembered or unknown
	// Reasons are known of what was decided from ReasonsSince on, whether it was kept from DecisionsSince on.
	ReasonsSince   time.Time `json:"reasons_since"`
	DecisionsSince time.Time `json:"decisions_since"`

	Open    *OpenTrace `json:"open,omitempty"`    // where the fate is open
	Outcome *Outcome   `json:"outcome,omitempty"` // where it is decided or remembered
	Reasons *Reasons   `json:"reasons,omitempty"` // where it is decided
	Path    *Path      `json:"path,omitempty"`    // as it is usual now, unless it has been forgotten
}

// OpenTrace is a trace that is not decided yet.
type OpenTrace struct {
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Spans     int       `json:"spans"`
	Complete  bool      `json:"complete"` // the root is in and no parent is missing
	Latest    time.Time `json:"latest"`   // it is decided then at the latest
}

// Outcome is what the sampler did. A trace is kept exactly if its randomness is not below its threshold; both are shares, and stand as th
// and rv as in a tracestate, too.
type Outcome struct {
	Kept       bool      `json:"kept"`
	DryRun     bool      `json:"dry_run"`   // it was forwarded whatever was decided
	LastSpan   time.Time `json:"last_span"` // arrival of the last span before the decision
	Threshold  number    `json:"threshold"`
	Randomness number    `json:"randomness"`
	TH         string    `json:"th"`
	RV         string    `json:"rv"`
	LateSpans  int       `json:"late_spans"` // that came after the decision and are held at the moment
}

// Reasons are what a decision rested on. Weights are in units in which a single sign that is reason enough weighs 1.
type Reasons struct {
	Decided     time.Time `json:"decided"`
	Latency     number    `json:"latency_seconds"` // from the last span to the decision
	Reason      string    `json:"reason"`
	Rule        string    `json:"rule,omitempty"`
	Probability number    `json:"probability"`
	Adjusted    number    `json:"adjusted"` // traces that it stands for if it is kept
	Baseline    number    `json:"baseline"` // probability that it had whatever its interest
	Weight      number    `json:"weight"`
	Cutoff      number    `json:"cutoff"` // weight from which a trace was kept for certain; null where the budget held only the baseline
	Signs       []Sign    `json:"signs"`
	Excess      number    `json:"excess_seconds"` // time beyond what is slow for the operations
	Endpoint    Operation `json:"endpoint"`
	Spans       int       `json:"spans"`
	Errors      int       `json:"errors"`
	Duration    number    `json:"duration_seconds"`
	Fragment    bool      `json:"fragment"` // without its root, or a parent
	Marked      bool      `json:"marked"`   // false where it cannot carry its threshold
	Incoming    number    `json:"incoming"` // share that samplers in front had left
}

// Sign is what the trace showed; enough is what alone would have been reason enough, null where it could not be.
type Sign struct {
	Name      string     `json:"name"`
	Strength  number     `json:"strength"`
	Enough    number     `json:"enough"`
	Operation *Operation `json:"operation,omitempty"`
}

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

func explanationOf(id pcommon.TraceID, x *tailsampling.Explanation) *Explanation {
	b := &Explanation{TraceID: id.String(), Fate: string(x.Fate), ReasonsSince: x.LoggedSince.UTC(), DecisionsSince: x.RememberedSince.UTC()}
	if o := x.Open; o != nil {
		b.Open = &OpenTrace{o.FirstSeen.UTC(), o.LastSeen.UTC(), o.Spans, o.Complete, o.Latest.UTC()}
	}
	if o := x.Outcome; o != nil {
		b.Outcome = &Outcome{
			Kept: o.Kept, DryRun: o.DryRun, LastSpan: o.LastSpan.UTC(), Threshold: share56(o.Threshold), Randomness: share56(o.Randomness),
			TH: fmt.Sprintf("%014x", o.Threshold), RV: fmt.Sprintf("%014x", o.Randomness), LateSpans: x.LateOpen,
		}
	}
	if d := x.Decided; d != nil {
		b.Reasons = &Reasons{
			Decided: d.At.UTC(), Latency: Seconds(d.Latency), Reason: d.Reason, Rule: d.Rule, Probability: number(d.Probability),
			Adjusted: number(d.Adjusted), Baseline: number(d.Baseline), Weight: number(d.Weight), Cutoff: number(d.Cutoff), Signs: signsOf(d.Signs),
			Excess: Seconds(d.Excess), Endpoint: operationOf(d.Endpoint), Spans: d.Spans, Errors: d.Errors, Duration: Seconds(d.Duration),
			Fragment: d.Fragment, Marked: d.Marked, Incoming: 1 - share56(d.Incoming),
		}
	}
	if x.Path != nil {
		path := pathOf(x.Path)
		b.Path = &path
	}
	return b
}

func signsOf(signs []tailsampling.Sign) []Sign {
	var out []Sign
	for _, s := range signs {
		sign := Sign{Name: s.Name, Strength: number(s.Strength), Enough: number(s.Enough)}
		if s.Operation != (tailsampling.OperationName{}) && s.Strength > 0 {
			operation := operationOf(s.Operation)
			sign.Operation = &operation
		}
		out = append(out, sign)
	}
	return out
}

// share56 is a number of 56 bits as a share of all of them.
func share56(v uint64) number { return number(v) / (1 << 56) }
