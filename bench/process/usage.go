// Package process reads what this process, or another, takes: CPU, allocations, memory, garbage collection. Linux only.
package process

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Usage is what the process has taken so far.
type Usage struct {
	Wall    time.Time
	CPU     time.Duration // user and system, garbage collection included
	Objects uint64        // allocated on the Go heap
	Bytes   uint64        // allocated on the Go heap
}

// ReadUsage reads the Usage of this process.
func ReadUsage() (Usage, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return Usage{}, fmt.Errorf("getrusage: %w", err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Usage{
		Wall:    time.Now(),
		CPU:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		Objects: m.Mallocs,
		Bytes:   m.TotalAlloc,
	}, nil
}
