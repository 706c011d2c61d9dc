package slo

import (
	"encoding/json"
	"time"
)

// kept is a Tracker as JSON: a cell is its number and the five counts.
type kept struct {
	Window time.Duration `json:"window"`
	Cells  [][6]uint64   `json:"cells"`
}

// MarshalJSON writes the counts.
func (t *Tracker) MarshalJSON() ([]byte, error) {
	k := kept{Window: t.config.Window}
	for i := range t.cells {
		if c := &t.cells[i]; c.good+c.bad+c.unjudged > 0 {
			k.Cells = append(k.Cells, [6]uint64{uint64(c.number), c.good, c.bad, c.fast, c.slow, c.unjudged})
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
		t.cells[c[0]%cells] = cell{int64(c[0]), c[1], c[2], c[3], c[4], c[5]}
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
