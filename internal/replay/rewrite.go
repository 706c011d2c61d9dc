package replay

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// rewrite is what one pass changes in every batch.
type rewrite struct {
	shift  int64        // added to every time stamp, nanoseconds
	shifts []int64      // instead, for the spans of each of the batch's trace ids; nil: one shift for all
	ids    cipher.Block // maps trace ids; nil keeps them
}

// apply returns the batch's body with the changes, in buf if there are any. The batch stays as it is.
func (w rewrite) apply(b *wireBatch, buf []byte) []byte {
	if w.shift == 0 && w.shifts == nil && w.ids == nil {
		return b.body
	}
	buf = append(buf[:0], b.body...)
	for n, at := range b.times {
		shift := w.shift
		if w.shifts != nil && b.owners[n] >= 0 {
			shift = w.shifts[b.owners[n]]
		}
		if shift != 0 {
			t := binary.LittleEndian.Uint64(buf[at:])
			binary.LittleEndian.PutUint64(buf[at:], t+uint64(shift)) // wraps like the difference it is
		}
	}
	if w.ids != nil {
		for _, at := range b.traceIDs {
			id := buf[at : at+16]
			w.ids.Encrypt(id, id)
		}
	}
	return buf
}

// newIDs maps trace ids to fresh ones: AES under a key made of the run's seed and the pass. It is a permutation, so that
// different traces stay different and the same trace is mapped alike in every batch, file and link without keeping a
// table; and its output looks random in every bit, of which samplers read the low 56 (W3C Trace Context Level 2).
func newIDs(seed uint64, pass int) (cipher.Block, error) {
	var in [16]byte
	binary.LittleEndian.PutUint64(in[:], seed)
	binary.LittleEndian.PutUint64(in[8:], uint64(pass)) // only told apart
	key := sha256.Sum256(in[:])
	block, err := aes.NewCipher(key[:16])
	if err != nil {
		return nil, fmt.Errorf("new trace ids: %w", err)
	}
	return block, nil
}
