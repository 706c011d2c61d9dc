package compare

// Frozen is the id of the snapshot that the next window is compared with while a suspected change freezes the baseline; "" otherwise.
func (t *Tracker) Frozen() string { return t.state.Frozen }
