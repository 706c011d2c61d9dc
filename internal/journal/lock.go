package journal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const lockName = "lock"

// lock keeps other journals out of the directory. The file says which process has it.
func (j *Journal) lock() error {
	path := filepath.Join(j.o.Directory, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%s cannot be written to: %w. Give the user of the collector write access, or set another directory", j.o.Directory, err)
	}
	taken, err := lockFile(f)
	if !taken {
		who, _ := io.ReadAll(io.LimitReader(f, 64))
		_ = f.Close()
		if err != nil {
			return fmt.Errorf("%s cannot be locked: %w. The journal needs a file system with locks", path, err)
		}
		return fmt.Errorf("%s is in use by another sampler (process %s). Each needs a directory of its own: "+
			"stop the other one, or set another directory", j.o.Directory, strings.TrimSpace(string(who)))
	}
	_ = f.Truncate(0)
	_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	j.locked = f
	return nil
}

// intact tells whether the lock that we hold is still the one in the directory.
func (j *Journal) intact() error {
	now, err := os.Stat(filepath.Join(j.o.Directory, lockName))
	if err != nil {
		return err
	}
	ours, err := j.locked.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(now, ours) {
		return fmt.Errorf("%s was replaced", j.o.Directory)
	}
	return nil
}
