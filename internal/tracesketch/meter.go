package tracesketch

// Meter is a decayed count. The zero value is empty.
type Meter struct {
	epoch int32
	count float64
}

// Add counts n at the decay step of d.
func (m *Meter) Add(n float64, d *Decay) {
	m.age(d)
	m.count += n
}

// Count is the decayed count at the decay step of d.
func (m *Meter) Count(d *Decay) float64 {
	m.age(d)
	return m.count
}

func (m *Meter) age(d *Decay) {
	if m.epoch != d.epoch {
		m.count *= d.Factor(m.epoch)
		m.epoch = d.epoch
	}
}
