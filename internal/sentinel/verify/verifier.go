package verify

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Config of a Verifier.
type Config struct {
	Key       *identity.Key
	Streams   []*traffic.Stream       // that may come, with different numbers, of this key; more may Join
	Instances map[uint16]string       // of the sentinels that may send them, with their names; none: any
	LateAfter time.Duration           // from when a trace has left the generator as a whole
	LostAfter time.Duration           // when a trace is given up
	MaxTraces int                     // that are remembered at a time, 40 bytes each; beyond, verdicts are unknown
	Partial   bool                    // other verifiers see the rest of the spans: what does not arrive here is not judged
	Lens      backend.Lens            // what the pipeline is known to change
	Lookup    float64                 // share of the traces that are looked up in a backend; 0: arrivals are observed
	Sampler   Sampler                 // between the generator and here, or nil
	Report    func(Judgement)         // is told each verdict; it must not call the Verifier
	Overdue   func(Judgement, bool)   // is told when a trace becomes overdue, and when it is not any more; without a verdict; may be nil
	Settled   func(Judgement)         // is told each trace once, LostAfter after it left, if it was accepted; may be nil
	Manifest  func(*traffic.Manifest) // is told what came through the pipeline, on the same terms; may be nil
}

// Default values of a Config.
const (
	DefaultLateAfter = 30 * time.Second
	DefaultLostAfter = 120 * time.Second
	DefaultMaxTraces = 1 << 18
)

// Validate reports all that is wrong at once, by the keys of a component.
func (c *Config) Validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.LateAfter < time.Second || c.LateAfter > time.Hour {
		add("late_after: must be between 1s and 1h, got %v", c.LateAfter)
	}
	if c.LostAfter < c.LateAfter+time.Second || c.LostAfter > 24*time.Hour {
		add("lost_after: must be at least a second more than late_after (%v) and at most 24h, got %v", c.LateAfter, c.LostAfter)
	}
	if !(c.Lookup >= 0 && c.Lookup <= 1) {
		add("share: must be between 0 and 1, got %v", c.Lookup)
	}
	if c.MaxTraces < 1 {
		add("max_traces: must be positive, got %d", c.MaxTraces)
	}
	return errors.Join(problems...)
}

// Verifier judges what arrives. It is safe for concurrent use.
type Verifier struct {
	config  Config
	key     *identity.Key
	streams map[uint8]*traffic.Stream
	keep    time.Duration // how long a slot is remembered

	mu      sync.Mutex // guards everything below
	clock   clock
	started time.Time
	sources map[sourceID]*source
	size    int // of all slots, in records
	plans   plans
	compare comparison

	tally    [Verdicts]uint64
	unjudged uint64
	foreign  uint64 // spans whose trace id is ours and whose span id is not
	overdue  int
	problems problems
	strange  recent // traces that were called unexpected
}

// problems are when something was last seen, on the awake clock; 0: never.
type problems struct{ twoRuns, full time.Duration }

// New makes a verifier of a valid configuration.
func New(config Config, now Instant) (*Verifier, error) {
	if config.Key == nil {
		return nil, errors.New("a verifier needs a key")
	}
	if config.Report == nil {
		config.Report = func(Judgement) {}
	}
	v := &Verifier{
		config: config, key: config.Key, streams: map[uint8]*traffic.Stream{}, sources: map[sourceID]*source{},
		keep: config.LostAfter + max(config.LostAfter, 2*patience), started: now.Wall, compare: comparison{lens: config.Lens, sampler: config.Sampler},
	}
	if err := v.Join(config.Streams...); err != nil {
		return nil, err
	}
	v.clock.advance(now)
	v.clock.awake = 1 // 0 means never
	return v, nil
}

// Join adds streams of the verifier's key.
func (v *Verifier) Join(streams ...*traffic.Stream) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range streams {
		if s.Key().Fingerprint() != v.key.Fingerprint() {
			return fmt.Errorf("stream %s: its key is %s, that of the verifier %s", s.Config().Name, s.Key().Fingerprint(), v.key.Fingerprint())
		}
		number := s.Config().Number
		if other, ok := v.streams[number]; ok && other.Fingerprint() != s.Fingerprint() {
			return fmt.Errorf("stream %s: number %d is that of stream %s with another configuration (%s, here %s)",
				s.Config().Name, number, other.Config().Name, other.Fingerprint(), s.Fingerprint())
		}
		v.streams[number] = s
	}
	return nil
}

// Ended says that the generator of a stream, whose manifests came on another road, is about to end in peace: its silence means
// nothing from now on.
func (v *Verifier) Ended(instance uint16, stream uint8) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.sources[sourceID{instance, stream}]; ok {
		s.told, s.passed = false, 0
	}
}

// State is a summary of the present.
type State struct {
	Verdicts [Verdicts]uint64 // since the start
	Unjudged uint64           // traces that a partial view cannot judge
	Foreign  uint64           // spans that only look like ours
	Overdue  int              // traces that are past LateAfter, were accepted from the generator, and are not whole
	Open     int              // traces without a verdict
	Sources  []SourceState
	Full     bool // in the last minutes, traces have not been judged for want of room
	TwoRuns  bool // in the last minutes, two generators have sent the same traces
}

// SourceState is the present of one stream of one sentinel.
type SourceState struct {
	Instance  uint16
	Stream    string
	Heard     time.Duration // since the last manifest; negative: none has come
	Passed    time.Duration // since the last one that came through the pipeline was sent; before any has come, since the first that was heard
	Manifests Manifests     // behind a sampler that cannot be foreseen
	Barren    int           // accepted traces past LateAfter since the newest of which something has arrived
	Silent    bool          // nothing can be known of it
	Direct    bool          // its manifests come on another road
	Foreign   string        // the fingerprint of its configuration, if that is another than the one here
}

// State returns the summary.
func (v *Verifier) State() State {
	v.mu.Lock()
	defer v.mu.Unlock()
	recent := func(at time.Duration) bool { return at > 0 && v.clock.awake-at < v.keep }
	state := State{
		Verdicts: v.tally, Unjudged: v.unjudged, Foreign: v.foreign, Overdue: v.overdue,
		Full: recent(v.problems.full), TwoRuns: recent(v.problems.twoRuns),
	}
	for _, s := range v.sources {
		one := SourceState{Instance: s.instance, Stream: s.stream.Config().Name, Heard: -1, Barren: v.barren(s), Silent: v.silent(s) && s.foreign == "", Direct: s.direct, Foreign: s.foreign}
		if s.told {
			one.Heard, one.Passed = v.clock.awake-s.heard, v.clock.awake-s.passed
			if !v.foreseen() {
				one.Manifests = v.manifests(s)
			}
		}
		for _, o := range s.slots {
			state.Open += int(o.open)
		}
		state.Sources = append(state.Sources, one)
	}
	return state
}
