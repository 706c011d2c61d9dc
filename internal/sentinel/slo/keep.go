package slo

import (
	"encoding/json"
	"time"
)

// kept is a Tracker as JSON: a cell is its number and the six counts; older versions knew five.
type kept struct {
	Window time.Duration `json:"window"`
	Cells  [][7]uint64   `json:"cells"`
}

// MarshalJSON writes the counts.
func (t *Tracker) MarshalJSON() ([]byte, error) {
	k := kept{Window: t.config.Window}
	for i := range t.cells {
		if c := &t.cells[i]; c.good+c.bad+c.unjudged > 0 {
			k.Cells = append(k.Cells, [7]uint64{uint64(c.number), c.good, c.bad, c.fast, c.slow, c.unjudged, c.seen})
		}
	}
	return json.Marshal(k)
}

// UnmarshalJSON reads what MarshalJSON has written, for Resume.
func (t *Tracker) UnmarshalJSON(text []byte) error {
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	*t = Tracker{config: Config{Window: k.Window}}
	for _, c := range k.Cells {
		t.cells[c[0]%cells] = cell{number: int64(c[0]), good: c[1], bad: c[2], fast: c[3], slow: c[4], unjudged: c[5], seen: c[6]}
	}
	return nil
}

// Resume takes up the counts of an earlier tracker, whose clock was the same. Those of another window are left: their cells
// have another length.
func (t *Tracker) Resume(earlier *Tracker) {
	if earlier.config.Window != t.config.Window {
		return
	}
	for i := range earlier.cells {
		if c := &earlier.cells[i]; c.number > t.cells[i].number {
			t.cells[i] = *c
		}
	}
}
