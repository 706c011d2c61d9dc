package smarttailsampling

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tailsampling"
)

// What is stored: a mark of four bytes, CRC-32C (Castagnoli) of all that follows, and the engine's state, compressed with zstd.
const (
	stateMark    = "ASs\x01" // the last byte is the version of this envelope
	stateHead    = len(stateMark) + 4
	longestState = 256 << 20 // bytes, uncompressed
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal makes what is stored of a state.
func seal(state []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	b := w.EncodeAll(state, make([]byte, stateHead, stateHead+len(state)/2))
	copy(b, stateMark)
	binary.LittleEndian.PutUint32(b[len(stateMark):], crc32.Checksum(b[stateHead:], castagnoli))
	return b, w.Close()
}

var errDamaged = errors.New("the checksum does not match: the stored state is damaged")

// open is the reverse of seal. Errors say what is wrong with what was stored.
func open(b []byte) ([]byte, error) {
	if len(b) < stateHead || string(b[:len(stateMark)-1]) != stateMark[:len(stateMark)-1] {
		return nil, fmt.Errorf("%w: it is no state of smart_tail_sampling", errDamaged)
	}
	if b[len(stateMark)-1] != stateMark[len(stateMark)-1] {
		return nil, fmt.Errorf("%w: its envelope has version %d", tailsampling.ErrStateVersion, b[len(stateMark)-1])
	}
	if binary.LittleEndian.Uint32(b[len(stateMark):]) != crc32.Checksum(b[stateHead:], castagnoli) {
		return nil, errDamaged
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(longestState), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	state, err := r.DecodeAll(b[stateHead:], nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return state, nil
}

// stateProblem is the reason that the metric of state errors gives.
func stateProblem(err error) string {
	switch {
	case errors.Is(err, tailsampling.ErrStateVersion):
		return "version"
	case errors.Is(err, tailsampling.ErrStateForeign):
		return "foreign"
	case errors.Is(err, errDamaged), errors.Is(err, statecodec.ErrMalformed):
		return "damaged"
	}
	return "read"
}
