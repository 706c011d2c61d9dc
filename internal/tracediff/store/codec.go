package store

import (
	"fmt"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

func encodeSnapshot(s *snapshot.Snapshot) ([]byte, error) { return snapshot.Encode(s) }

func decodeSnapshot(data []byte) (*snapshot.Snapshot, error) {
	s, err := snapshot.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return s, nil
}
