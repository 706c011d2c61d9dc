package tailsampling

import "github.com/assayhq/assay/internal/tracestate"

// idTest looks whether the randomness of trace ids is uniform, by a chi-squared test over the leading bits, which decide. Ids that
// count up, hold a time there or are padded with zeros fail it, and so do those that a sampler upstream has chosen by.
type idTest struct {
	counts [idCells]int
	n      int
	failed uint64 // ids in samples that failed
}

const (
	idCellBits = 6
	idCells    = 1 << idCellBits
	idSample   = 8 * idCells
	// idLimit is ten standard deviations above what is expected of random ids: idCells - 1, with a variance of twice that.
	idLimit = (idCells - 1) + 10*11.2
)

// add takes in the randomness of an id.
func (t *idTest) add(r uint64) {
	t.counts[r>>(tracestate.RandomnessBits-idCellBits)]++
	if t.n++; t.n < idSample {
		return
	}
	const expected = idSample / idCells
	var chi float64
	for _, c := range &t.counts {
		d := float64(c) - expected
		chi += d * d
	}
	if chi/expected > idLimit {
		t.failed += uint64(t.n)
	}
	*t = idTest{failed: t.failed}
}
