package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// formatVersion is written with what survives a restart; another one is refused. Format 1 had changes without the windows before
// them, and took a group for restless that its baseline lacked.
const formatVersion = 2

// storedTracker is a Tracker as JSON.
type storedTracker struct {
	Version int `json:"version"`
	trackerState
}

// MarshalJSON encodes what the tracker has seen; its settings are not part of it.
func (t *Tracker) MarshalJSON() ([]byte, error) {
	state := t.state
	state.Open = make(map[string]*followed, len(t.state.Open))
	for fingerprint, f := range t.state.Open {
		stored := *f
		c := &stored.Change
		for _, v := range [...]*float64{&c.Effect, &c.Low, &c.High, &c.Q, &c.P, &c.Impact} {
			*v = bounded(*v)
		}
		state.Open[fingerprint] = &stored
	}
	return json.Marshal(storedTracker{formatVersion, state})
}

// bounded makes a number that JSON has a form for: the ratio to nothing, for one, has no bound.
func bounded(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, v))
}

// UnmarshalJSON restores what a tracker had seen, under the settings that it was made with.
func (t *Tracker) UnmarshalJSON(data []byte) error {
	var s storedTracker
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("tracker: %w", err)
	}
	if s.Version != formatVersion {
		return fmt.Errorf("tracker: has format %d, this program reads %d", s.Version, formatVersion)
	}
	if s.Open == nil {
		s.Open = map[string]*followed{}
	}
	maps.DeleteFunc(s.Open, func(_ string, f *followed) bool { return f == nil })
	t.state = s.trackerState
	return nil
}

// storedHistory is a History as JSON.
type storedHistory struct {
	Version int                  `json:"version"`
	Pairs   int                  `json:"pairs"`
	Pooled  [measures]storedPool `json:"pooled"`
	Groups  []storedPast         `json:"groups"`
}

type storedPast struct {
	Identity snapshot.Identity    `json:"identity"`
	Spread   [measures]storedPool `json:"spread"`
	Doubts   [measures]storedPool `json:"doubts,omitzero"`
	Flips    float64              `json:"flips,omitempty"`
	There    bool                 `json:"there,omitempty"`
	Seen     float64              `json:"seen"`
	Last     int                  `json:"last"`
}

// storedPool is a pool: its weight and its excess.
type storedPool [2]float64

// MarshalJSON encodes what was learned.
func (h *History) MarshalJSON() ([]byte, error) {
	s := storedHistory{Version: formatVersion, Pairs: h.pairs, Pooled: storedPools(h.pooled)}
	for id, g := range h.groups {
		s.Groups = append(s.Groups, storedPast{id, storedPools(g.spread), storedPools(g.doubts), g.flips, g.there, g.seen, g.last})
	}
	return json.Marshal(s)
}

// UnmarshalJSON restores what was learned.
func (h *History) UnmarshalJSON(data []byte) error {
	var s storedHistory
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if s.Version != formatVersion {
		return fmt.Errorf("history: has format %d, this program reads %d", s.Version, formatVersion)
	}
	*h = History{pairs: s.Pairs, pooled: pools(s.Pooled), groups: make(map[snapshot.Identity]*past, len(s.Groups))}
	for _, g := range s.Groups {
		h.groups[g.Identity] = &past{spread: pools(g.Spread), doubts: pools(g.Doubts), flips: g.Flips, there: g.There, seen: g.Seen, last: g.Last}
	}
	return nil
}

func storedPools(p [measures]pool) (s [measures]storedPool) {
	for i := range p {
		s[i] = storedPool{p[i].weight, p[i].excess}
	}
	return s
}

func pools(s [measures]storedPool) (p [measures]pool) {
	for i := range s {
		p[i] = pool{s[i][0], s[i][1]}
	}
	return p
}
