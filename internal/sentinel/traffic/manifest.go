package traffic

import (
	"encoding/hex"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
)

// ManifestSequence is the sequence of the trace that a slot's manifest is. No other trace has one so high.
const ManifestSequence = 1 << 31

// What a manifest looks like. A rule that must keep manifests goes by the name or the service.
const (
	ManifestService   = "assay-sentinel"          // service.name
	ManifestName      = "assay.sentinel.manifest" // name of the span, and its attribute with the text
	SignatureName     = "assay.sentinel.signature"
	maxManifestBytes  = 32 << 10
	maxManifestSlots  = 256
	maxManifestRanges = 512
)

// Manifest is what a generator tells of its own work: what became of the traces of recent slots on their way into the
// pipeline. It is sent once a slot; each slot is told several times, so that lost manifests can be told from a silent generator.
type Manifest struct {
	Instance      uint16
	Stream        uint8
	Slot          uint32 // in which it is sent
	Run           uint64 // a number of the generator's process: two at a time under one instance is a mistake of configuration
	Since         uint32 // the first slot of this run
	Configuration string // Stream.Fingerprint
	Slots         []SlotReport
}

// SlotReport is what became of the traces of a slot. Attempted = Accepted + Refused + Open, always; those of Stream.Count
// beyond Attempted were skipped. A slot that no report of a run mentions, between two that are mentioned, was slept through.
type SlotReport struct {
	Slot      uint32
	Attempted uint32 // traces that the generator tried to send
	Accepted  uint32 // whole
	Refused   uint32 // in part or whole: the pipeline answered with a permanent error, or with errors until time was up
	Open      uint32 // still being sent, or tried again
	// Exceptions are the traces that were not accepted at the first try, in the order of their sequences. Where there are too many,
	// Truncated is true, and nothing is known about which.
	Exceptions []Exception
	Truncated  bool
}

// Exception is a range of sequences and what happened to them.
type Exception struct {
	First, Last uint32
	State       State
}

// State is what happened to a trace at the source.
type State uint8

// The states. Accepted and unharmed traces are not listed.
const (
	Refused  State = iota + 1 // a part of it at least did not get into the pipeline
	Skipped                   // it was not tried: the generator was late, or had no room
	Retried                   // accepted, but a part was sent more than once: the pipeline may rightly have it twice
	InFlight                  // neither accepted nor refused yet
	Held                      // accepted, but the generator was stopped meanwhile: a part may have left late, or more than once
)

// State returns what happened to a trace of the slot, 0 if it was accepted at once, and whether the report can tell.
func (r *SlotReport) State(sequence uint32) (State, bool) {
	for _, e := range r.Exceptions {
		if sequence >= e.First && sequence <= e.Last {
			return e.State, true
		}
	}
	return 0, !r.Truncated
}

// ID is the identity of the manifest's trace; its span has the index 0.
func (m *Manifest) ID() identity.TraceID {
	return identity.TraceID{Instance: m.Instance, Stream: m.Stream, Slot: m.Slot, Sequence: ManifestSequence}
}

// IsManifest says whether an id is that of a manifest.
func IsManifest(id identity.TraceID) bool { return id.Sequence == ManifestSequence }

// Append writes the manifest as a resource with one span.
func (m *Manifest) Append(key *identity.Key, to ptrace.Traces) {
	id := m.ID()
	rs := to.ResourceSpans().AppendEmpty()
	rs.SetSchemaUrl(SchemaURL)
	rs.Resource().Attributes().PutStr("service.name", ManifestService)
	rs.Resource().Attributes().PutStr("service.namespace", Namespace)
	ss := rs.ScopeSpans().AppendEmpty()
	ss.SetSchemaUrl(SchemaURL)
	ss.Scope().SetName("assay.sentinel.internal")
	ss.Scope().SetVersion("1")
	span := ss.Spans().AppendEmpty()
	span.SetTraceID(key.Seal(id))
	span.SetSpanID(key.SealSpan(id, 0))
	span.SetFlags(flagsSampledRandom | flagsHasRemote)
	span.SetName(ManifestName)
	span.SetKind(ptrace.SpanKindInternal)
	span.SetStartTimestamp(stampOf(m.Slot))
	span.SetEndTimestamp(stampOf(m.Slot + 1))
	text := m.text()
	signature := key.Sign(signed(key, id, text))
	span.Attributes().PutStr(ManifestName, text)
	span.Attributes().PutStr(SignatureName, hex.EncodeToString(signature[:]))
}

// ErrForged is what ReadManifest returns for a manifest whose text no holder of the key has signed.
var ErrForged = errors.New("the signature is not that of the text")

// ReadManifest reads what Append wrote. The id is that of the span's trace, opened and found to be a manifest's.
func ReadManifest(key *identity.Key, id identity.TraceID, span ptrace.Span) (*Manifest, error) {
	text, ok := span.Attributes().Get(ManifestName)
	if !ok {
		return nil, fmt.Errorf("the span has no attribute %s", ManifestName)
	}
	if n := len(text.Str()); n > maxManifestBytes {
		return nil, fmt.Errorf("attribute %s: must have at most %d bytes, got %d", ManifestName, maxManifestBytes, n)
	}
	given, ok := span.Attributes().Get(SignatureName)
	var signature []byte
	if ok && given.Type() == pcommon.ValueTypeStr {
		signature, _ = hex.DecodeString(given.Str())
	}
	if !key.Verify(signed(key, id, text.Str()), signature) {
		return nil, fmt.Errorf("attribute %s: %w", SignatureName, ErrForged)
	}
	m := &Manifest{Instance: id.Instance, Stream: id.Stream, Slot: id.Slot}
	if err := m.parse(text.Str()); err != nil {
		return nil, fmt.Errorf("attribute %s: %w", ManifestName, err)
	}
	return m, nil
}

// signed is what is signed: the text, for this trace.
func signed(key *identity.Key, id identity.TraceID, text string) []byte {
	sealed := key.Seal(id)
	return append(sealed[:], text...)
}
