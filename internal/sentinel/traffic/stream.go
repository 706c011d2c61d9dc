package traffic

import (
	"errors"
	"math"
	"math/bits"
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
)

// Stream knows the traffic of one stream. It is immutable, and safe for concurrent use.
type Stream struct {
	config      Config
	key         *identity.Key
	fingerprint string
	microRate   uint64 // traces in a million slots
	every, last uint32 // slots; every is 0 where the stream never pauses
	entries     choice
	long        choice

	errorShare, reorder, longShare, onBounds share

	operations []spanContent // by ordinal
	callers    []spanContent // by ordinal of the operation called
	traceState string
}

// choice draws one of several operations by weight.
type choice struct {
	operations []*topology.Operation
	upTo       []uint64 // cumulated weights
}

// NewStream makes a stream of a valid configuration.
func NewStream(key *identity.Key, config Config) (*Stream, error) {
	if key == nil || config.Topology == nil {
		return nil, errors.New("a stream needs a key and a topology")
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Stream{
		config:      config,
		key:         key,
		fingerprint: config.Fingerprint(),
		microRate:   uint64(math.Round(config.Rate * 1e6)),
		every:       uint32(config.Every / SlotLength),
		last:        uint32(config.For / SlotLength),
		errorShare:  newShare(config.ErrorShare),
		reorder:     newShare(config.Reorder),
		longShare:   newShare(config.Long),
		onBounds:    newShare(config.Topology.OnBounds),
		traceState:  "assay=" + config.Name,
	}
	for _, e := range config.Topology.Entries {
		if e.Long {
			s.long.add(e)
		} else {
			s.entries.add(e)
		}
	}
	s.compile()
	return s, nil
}

func (c *choice) add(e topology.Entry) {
	var before uint64
	if n := len(c.upTo); n > 0 {
		before = c.upTo[n-1]
	}
	c.operations = append(c.operations, e.Operation)
	c.upTo = append(c.upTo, before+uint64(e.Weight))
}

func (c *choice) draw(d *draws) *topology.Operation {
	at := d.below(c.upTo[len(c.upTo)-1])
	for i, end := range c.upTo {
		if at < end {
			return c.operations[i]
		}
	}
	return c.operations[len(c.operations)-1]
}

// Config returns what the stream was made of.
func (s *Stream) Config() Config { return s.config }

// Key returns the key of the stream.
func (s *Stream) Key() *identity.Key { return s.key }

// Fingerprint is that of the configuration.
func (s *Stream) Fingerprint() string { return s.fingerprint }

// SlotOf is the slot that a time lies in.
func SlotOf(t time.Time) uint32 { return uint32(max(0, t.Unix())) }

// SlotStart is when a slot begins.
func SlotStart(slot uint32) time.Time { return time.Unix(int64(slot), 0) }

// Active says whether the stream sends in a slot: always, or in bursts.
func (s *Stream) Active(slot uint32) bool { return s.every == 0 || slot%s.every < s.last }

// Count is how many traces a slot has. A rate that is no whole number spreads the rest over slots.
func (s *Stream) Count(slot uint32) uint32 {
	if !s.Active(slot) {
		return 0
	}
	return uint32(s.upTo(uint64(slot)+1) - s.upTo(uint64(slot)))
}

// upTo is how many traces all slots before a slot have.
func (s *Stream) upTo(slot uint64) uint64 {
	high, low := bits.Mul64(s.microRate, slot)
	n, _ := bits.Div64(high, low, 1_000_000)
	return n
}

// Has says whether an id is that of a trace of the stream, of whatever instance.
func (s *Stream) Has(id identity.TraceID) bool {
	return id.Stream == s.config.Number && id.Sequence < s.Count(id.Slot)
}

// At is when a trace leaves: its first batch within a BatchStep after it.
func (s *Stream) At(id identity.TraceID) time.Time {
	return SlotStart(id.Slot).Add(Offset(id.Sequence, s.Count(id.Slot)))
}

// Offset is how far into its slot the trace with a sequence leaves, among a count of traces.
func Offset(sequence, count uint32) time.Duration {
	return time.Duration(uint64(SlotLength) * uint64(sequence) / uint64(max(1, count)))
}

// Complete is when the last batch of a trace has left, if the generator is in time.
func (s *Stream) Complete(id identity.TraceID) time.Time {
	return s.At(id).Add(time.Duration(s.config.Batches) * BatchStep)
}
