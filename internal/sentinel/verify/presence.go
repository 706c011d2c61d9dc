package verify

import "time"

// A source is made by the first that comes of it, and its first word may come later than its first spans:
//
//	first span      first manifest                        the last of it
//	    │ held         │ judged, if the configuration is ours   │ keep: forgotten, but for what has been silent: forgetAfter
//	    └──── LostAfter at most: judged without a word ─────────┘

// holds says whether verdicts have to wait, since the generator may yet say that its configuration is another.
func (v *Verifier) holds(s *source) bool {
	return !s.known && v.clock.awake-s.met <= v.config.LostAfter
}

// release issues what was held of a source.
func (v *Verifier) release(s *source) {
	for _, j := range s.held {
		v.issue(j)
	}
	s.held = nil
}

// silent says whether a generator that was heard before is not heard any more.
func (v *Verifier) silent(s *source) bool {
	return s.told && v.clock.awake-s.heard > v.config.LateAfter+time.Second
}

// over says whether a source is to be forgotten. A generator that was heard, and of whose traces something could be said, is
// missed for longer than others.
func (v *Verifier) over(s *source) bool {
	switch quiet := v.clock.awake - max(s.news, s.heard); {
	case len(s.slots) > 0 || len(s.held) > 0:
		return false
	case !s.told || s.foreign != "":
		return quiet > v.keep
	default:
		return v.clock.awake-s.heard > forgetAfter && len(v.config.Instances) == 0
	}
}
