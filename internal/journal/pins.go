package journal

import "sync"

// pins counts who needs which segments. A pin is on the oldest segment that is needed, and holds all later ones too.
type pins struct {
	mu     sync.Mutex // guards everything below
	count  map[uint32]int
	active uint32
	kept   bool // segments that were there when the journal was opened stay
}

func (p *pins) init(active uint32) { p.count, p.active, p.kept = map[uint32]int{}, active, true }

func (p *pins) now() uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active
}

func (p *pins) turn(active uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = active
}

// needed tells whether a segment must stay.
func (p *pins) needed(number uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept || number >= p.active || p.count[number] > 0
}

// Pin keeps what is appended from now on, and returns the number to unpin.
func (j *Journal) Pin() uint32 {
	j.pins.mu.Lock()
	defer j.pins.mu.Unlock()
	j.pins.count[j.pins.active]++
	return j.pins.active
}

// PinAt keeps a segment that is there, and all later ones.
func (j *Journal) PinAt(number uint32) {
	j.pins.mu.Lock()
	defer j.pins.mu.Unlock()
	j.pins.count[number]++
}

// Unpin undoes a Pin or PinAt.
func (j *Journal) Unpin(number uint32) {
	j.pins.mu.Lock()
	defer j.pins.mu.Unlock()
	if j.pins.count[number]--; j.pins.count[number] == 0 {
		delete(j.pins.count, number)
	}
}

// Recovered lets go of the segments that were there when the journal was opened: from now on, only pins hold them.
func (j *Journal) Recovered() {
	j.pins.mu.Lock()
	j.pins.kept = false
	j.pins.mu.Unlock()
	j.Reclaim()
}

// Reclaim takes back the oldest segments, as far as nobody pins one of them.
func (j *Journal) Reclaim() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reclaim()
}

func (j *Journal) reclaim() {
	for len(j.segments) > 0 && !j.pins.needed(j.segments[0].number) {
		s := j.segments[0]
		switch {
		case j.down == nil && len(j.spares) < maxSpares && s.bytes <= 2*j.segment && s.retire() == nil:
			j.spares = append(j.spares, s)
		case s.remove() == nil:
			j.bytes.Add(-s.bytes)
		default:
			return
		}
		j.segments = j.segments[1:]
	}
}

// Crowded tells whether so little room is left that the oldest segments should be made to go.
func (j *Journal) Crowded() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	used := j.bytes.Load()
	for _, s := range j.spares {
		used -= s.bytes
	}
	return used > j.o.MaxBytes-2*reserve*j.segment
}

// Oldest is the number of the oldest segment and how many there are.
func (j *Journal) Oldest() (number uint32, segments int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.segments) == 0 {
		return 0, 0
	}
	return j.segments[0].number, len(j.segments)
}
