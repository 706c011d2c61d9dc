package tracesketch

// Mean is a decayed mean. The zero value is empty.
type Mean struct {
	epoch      int32
	count, sum float64
}

// Add takes in v at the decay step of d.
func (m *Mean) Add(v float64, d *Decay) {
	m.age(d)
	m.count++
	m.sum += v
}

// Count is the decayed number of observations at the decay step of d.
func (m *Mean) Count(d *Decay) float64 {
	m.age(d)
	return m.count
}

// Value is the mean; 0 when empty.
func (m *Mean) Value() float64 {
	if m.count == 0 {
		return 0
	}
	return m.sum / m.count
}

func (m *Mean) age(d *Decay) {
	if m.epoch != d.epoch {
		f := d.Factor(m.epoch)
		m.count *= f
		m.sum *= f
		m.epoch = d.epoch
	}
}
