package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// snapshotMagic is how a file with a snapshot begins.
var snapshotMagic = []byte("assaysnp")

// maxSnapshotBytes bounds a file with a snapshot: 20,000 groups take some 20 MB.
const maxSnapshotBytes = 1 << 30

// readSnapshot reads a file with a snapshot; nil if it holds something else.
func readSnapshot(path string) (*snapshot.Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, len(snapshotMagic))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, snapshotMagic) {
		return nil, nil //nolint:nilerr // a shorter file is no snapshot, whatever it is
	}
	rest, err := io.ReadAll(io.LimitReader(f, maxSnapshotBytes))
	if err != nil {
		return nil, err
	}
	s, err := snapshot.Decode(append(head, rest...))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// saveSnapshot writes a snapshot so that the file is there whole or not at all.
func saveSnapshot(path string, s *snapshot.Snapshot) error {
	data, err := snapshot.Encode(s)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".snapshot-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
