package verify

import (
	"time"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// source is one stream of one sentinel, as it looks from here.
type source struct {
	instance uint16
	stream   *traffic.Stream
	timeline timeline
	slots    map[uint32]*slot

	heard   time.Duration // when the latest manifest of the present run came, on the awake clock
	passed  time.Duration // when the latest that came through the pipeline was sent; before any has come, when the generator was first heard
	told    bool          // a manifest has come
	direct  bool          // manifests of the present run come on another road than the pipeline
	run     uint64        // the present one
	former  []uint64      // that were present before
	since   uint32        // first slot of the present run
	latest  uint32        // slot of its latest manifest
	highest uint32        // slot that was ever told
	again   uint32        // slots up to here were told by an earlier run, too: a clock was set back
	next    uint32        // first slot that has not been opened; 0 while nothing is known
	from    uint32        // first slot that can be judged: those before had begun when the verifier started
	met     time.Duration // when the first of it came, on the awake clock
	news    time.Duration // when the last of it came
	newest  uint32        // slot of the newest trace of which something has arrived
	sought  uint32        // slot of the manifest that was last looked up
	ruled   int           // manifests in a row that were there, up to as many as it takes to know that a rule keeps them
	lost    uint32        // slot of the first manifest that was absent, of those remembered and of those before without a gap; 0: none is
	soonest time.Duration // age at which the quickest of the last timed traces was there
	timed   int           // that this is of
	known   bool          // a manifest has come, now or before an end in peace
	held    []Judgement   // of spans that cannot be, until it is known whether the configuration is ours
	foreign string        // fingerprint of the present run's configuration, if that is another than ours
}

type sourceID struct {
	instance uint16
	stream   uint8
}

// Limits of sources.
const (
	maxSources  = 256       // streams of sentinels that are followed
	maxHeld     = 1024      // unexpected traces that wait for the first word of a source
	forgetAfter = time.Hour // of silence, a sentinel that nobody has said to expect is taken as gone for good
)

// source returns a source, made where there is none; nil if there are too many, or the stream is unknown.
func (v *Verifier) source(id identity.TraceID) *source {
	key := sourceID{id.Instance, id.Stream}
	if s, ok := v.sources[key]; ok {
		return s
	}
	stream, ok := v.streams[id.Stream]
	if !ok || len(v.sources) == maxSources || !v.expects(id.Instance) {
		return nil
	}
	s := &source{instance: id.Instance, stream: stream, slots: map[uint32]*slot{}, met: v.clock.awake, news: v.clock.awake}
	s.timeline.follow(&v.clock)
	s.from = traffic.SlotOf(v.started) + 1
	v.sources[key] = s
	return s
}

func (v *Verifier) expects(instance uint16) bool {
	if len(v.config.Instances) == 0 {
		return true
	}
	_, listed := v.config.Instances[instance]
	return listed
}

// fresh says whether a slot can be of now: neither older than the ledger's memory, nor of the future.
func (v *Verifier) fresh(s *source, number uint32) bool {
	begin := traffic.SlotStart(number)
	return s.timeline.fits(&v.clock, begin, v.keep)
}

// slot returns a slot of a source, opened where it is not yet.
func (v *Verifier) slot(s *source, number uint32) *slot {
	if o, ok := s.slots[number]; ok {
		return o
	}
	o := &slot{number: number, begins: s.timeline.awake(&v.clock, traffic.SlotStart(number))}
	n := int(s.stream.Count(number))
	if v.size+n+1 > v.config.MaxTraces {
		o.full = true
	} else {
		o.records = make([]record, n)
		if v.config.Lookup > 0 {
			v.askAll(s, o)
		}
	}
	o.open = uint32(n)
	o.shared = v.config.Lookup > 0 && number <= s.again // a backend has the traces of both runs
	s.slots[number] = o
	v.size += o.size()
	return o
}

// catchUp opens the slots whose time has come, of a source whose generator is known to run.
func (v *Verifier) catchUp(s *source) {
	s.timeline.follow(&v.clock)
	if !s.told || s.foreign != "" || v.clock.awake-s.heard > forgetAfter {
		return
	}
	now := traffic.SlotOf(s.timeline.now(&v.clock))
	oldest := traffic.SlotOf(s.timeline.now(&v.clock).Add(-v.keep))
	if s.next > now+1 { // the clock was set back and the generator began again
		s.next = now
	}
	for s.next = max(s.next, oldest, s.from); s.next <= now; s.next++ {
		v.slot(s, s.next)
	}
}
