package traffic

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"time"

	"github.com/assayhq/assay/internal/sentinel/topology"
)

// SlotLength is the length of a slot.
const SlotLength = time.Second

// BatchStep is the time between two batches of a trace.
const BatchStep = 50 * time.Millisecond

// Limits of a stream.
const (
	MaxRate    = 1_000_000 // traces a second
	MinRate    = 0.000_001
	MaxBatches = 64
)

// Config is the configuration of a stream: all that its traffic depends on besides the key.
type Config struct {
	Number     uint8  // tells the streams of a sentinel apart: part of every trace id
	Name       string // such as ambient; in the tracestate and the resources
	Topology   *topology.Topology
	Rate       float64       // traces a second
	Every      time.Duration // a burst begins whenever the wall clock is a multiple of it; 0: the stream never pauses
	For        time.Duration // length of a burst
	ErrorShare float64       // share of the traces that fail in any case, root included; others fail as the topology says
	Batches    int           // that a trace is spread over
	Reorder    float64       // share of the traces whose batches leave in another order
	Long       float64       // share of the traces that begin at a long entry of the topology
}

var names = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// Validate reports all that is wrong at once, by the keys of the stream.
func (c *Config) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !names.MatchString(c.Name) {
		add("name: must be lower-case letters, digits, - and _, 32 at most, got %q", c.Name)
	}
	if !(c.Rate >= MinRate && c.Rate <= MaxRate) {
		add("rate: must be traces a second, more than 0 and at most %d, got %v; to switch the stream off, leave it out", MaxRate, c.Rate)
	}
	switch {
	case c.Every == 0 && c.For == 0:
	case c.Every < 2*SlotLength || c.Every%SlotLength != 0 || c.Every > 24*time.Hour:
		add("every: must be whole seconds, from 2s to 24h, got %v", c.Every)
	case c.For < SlotLength || c.For%SlotLength != 0 || c.For >= c.Every:
		add("for: must be whole seconds, at least 1s and less than every (%v), got %v", c.Every, c.For)
	}
	for _, share := range []struct {
		key   string
		value float64
	}{{"error_share", c.ErrorShare}, {"reorder", c.Reorder}, {"long", c.Long}} {
		if !(share.value >= 0 && share.value <= 1) {
			add("%s: must be between 0 and 1, got %v", share.key, share.value)
		}
	}
	if c.Batches < 1 || c.Batches > MaxBatches {
		add("batches: must be between 1 and %d, got %d", MaxBatches, c.Batches)
	}
	if c.Long > 0 && c.Topology != nil && weigh(c.Topology, true) == 0 {
		add("long: topology %s has no entry with long: true, so there are no long traces; set 0, got %v", c.Topology.Name, c.Long)
	}
	return errors.Join(problems...)
}

// weigh adds up the weights of the long entries, or of the others.
func weigh(t *topology.Topology, long bool) uint64 {
	var sum uint64
	for _, e := range t.Entries {
		if e.Long == long {
			sum += uint64(e.Weight)
		}
	}
	return sum
}

// Fingerprint tells configurations apart that make different traffic under one key, 8 hexadecimal digits. It travels in
// manifests, so that a verifier with another configuration says so instead of finding everything corrupt.
func (c *Config) Fingerprint() string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d %q %x %d %d %x %d %x %x\n", c.Number, c.Name, math.Float64bits(c.Rate), c.Every, c.For,
		math.Float64bits(c.ErrorShare), c.Batches, math.Float64bits(c.Reorder), math.Float64bits(c.Long))
	_, _ = h.Write(c.Topology.Text)
	return hex.EncodeToString(h.Sum(nil)[:4])
}
