package inprocess

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
)

// startProfile begins a CPU profile of the window, if asked for. The function it returns ends it and writes the allocation
// profile of the whole case beside it.
func (c Case) startProfile() (stop func() error, err error) {
	if c.Profile == "" {
		return func() error { return nil }, nil
	}
	base := fmt.Sprintf("%s-%s-%v-p%d", c.Kind, c.Subject, c.Kept, c.Procs)
	base = filepath.Join(c.Profile, strings.ReplaceAll(base, string(filepath.Separator), "_"))
	cpu, err := os.Create(base + ".cpu.prof")
	if err != nil {
		return nil, fmt.Errorf("CPU profile: %w", err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return errors.Join(cpu.Close(), writeAllocations(base+".allocs.prof"))
	}, nil
}

func writeAllocations(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("allocation profile: %w", err)
	}
	runtime.GC() // the profile is as of the last one
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close())
}
