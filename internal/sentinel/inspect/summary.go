package inspect

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// maxFindings bounds how many failing traces are listed.
const maxFindings = 100

// Summary is what was found.
type Summary struct {
	From     time.Time         `json:"from"` // the traces of this time are judged
	To       time.Time         `json:"to"`
	Verdicts map[string]uint64 `json:"verdicts"`
	Failing  uint64            `json:"failing"`
	Known    uint64            `json:"known"` // traces of which it can be said whether they are as they should be
	Findings []Finding         `json:"findings"`
	Spans    uint64            `json:"spans"`             // of the sentinel, that were read
	Foreign  uint64            `json:"foreign"`           // spans that are not the sentinel's
	Reasons  map[string]uint64 `json:"unknown"`           // why traces are unknown
	Failed   int               `json:"failed"`            // lookups without an answer
	Problem  string            `json:"problem,omitempty"` // of the latest of these
}

// Finding is a trace that is not as it should be.
type Finding struct {
	Verdict string    `json:"verdict"`
	Trace   string    `json:"trace"`
	Stream  string    `json:"stream"`
	At      time.Time `json:"at"`
	Detail  string    `json:"detail,omitempty"`
}

func newSummary(from, to time.Time) *Summary {
	return &Summary{From: from, To: to, Verdicts: map[string]uint64{}, Findings: []Finding{}, Reasons: map[string]uint64{}}
}

// take counts a verdict on a trace of the time that is judged.
func (s *Summary) take(j verify.Judgement) {
	at := traffic.SlotStart(j.Trace.Slot)
	if at.Before(s.From) || !at.Before(s.To) {
		return
	}
	count := func(v verify.Verdict, n uint64) {
		s.Verdicts[v.String()] += n
		if v.Failing() || v == verify.RefusedAtSource {
			s.Failing += n
		}
		if v != verify.Unknown && v != verify.GeneratorGap {
			s.Known += n
		}
	}
	n := uint64(max(1, j.Traces))
	count(j.Verdict, n)
	if j.Was != verify.None {
		count(j.Was, -n)
		if s.Verdicts[j.Was.String()] == 0 {
			delete(s.Verdicts, j.Was.String())
		}
	}
	if j.Verdict == verify.Unknown {
		s.Reasons[j.Detail] += n
	}
	if (j.Verdict.Failing() || j.Verdict == verify.RefusedAtSource) && len(s.Findings) < maxFindings {
		s.Findings = append(s.Findings, Finding{j.Verdict.String(), j.Sealed.String(), j.Stream, at, j.Detail})
	}
}

// clock is virtual time.
type clock struct {
	begin time.Time
	now   time.Time
}

func (c *clock) instant() verify.Instant {
	return verify.Instant{Wall: c.now, Mono: c.now.Sub(c.begin)}
}

// sealed is the id of a slot's manifest.
func sealed(key *identity.Key, instance uint16, stream uint8, slot uint32) pcommon.TraceID {
	return key.Seal(identity.TraceID{Instance: instance, Stream: stream, Slot: slot, Sequence: traffic.ManifestSequence})
}
