package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Name sets what a comparison cannot know of itself, and the fingerprints that follow from it.
func (d *Diff) Name(id, queryID, baseline string, calculated time.Time) {
	d.ID, d.QueryID, d.Baseline, d.CalculatedAt = id, queryID, baseline, calculated
	d.name()
}

func (d *Diff) name() {
	inParts(len(d.Changes), func(from, until int) {
		for i := from; i < until; i++ {
			c := &d.Changes[i]
			c.Fingerprint = Fingerprint(d.QueryID, d.Baseline, &c.Identity, c.Measure)
		}
	})
	d.because()
}

// Fingerprint tells changes apart, the same in every window and after a restart: 16 hexadecimal digits.
func Fingerprint(queryID, baseline string, id *snapshot.Identity, m Measure) string {
	text := make([]byte, 0, 256)
	for _, s := range [...]string{
		queryID, baseline, string(id.Kind), id.Key, id.Service, id.Value, id.CallerService, id.Caller, id.PathID, string(m),
	} {
		text = append(append(text, s...), 0)
	}
	sum := sha256.Sum256(text)
	var digits [16]byte
	hex.Encode(digits[:], sum[:8])
	return string(digits[:])
}
