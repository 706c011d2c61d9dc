package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
)

// kind is what a case measures.
type kind string

const (
	aggregate kind = "aggregate" // CPU, time and allocations for spans on their way to a snapshot
	groups    kind = "groups"    // memory of a window with many groups
	diff      kind = "diff"      // comparison of two snapshots
)

// subject is what is measured.
type subject string

const (
	input subject = "input" // making the input, which is no part of either
	ours  subject = "trace_diff"
	seeds subject = "tutorial"
)

// measurement is one case.
type measurement struct {
	Kind    kind
	Subject subject
	Spans   int
	Groups  int
	Sampled bool   // spans carry a threshold
	Profile string // folder for profiles, none if empty
}

func (m measurement) name() string {
	name := fmt.Sprintf("%s of %s, %d spans, %d groups", m.Kind, m.Subject, m.Spans, m.Groups)
	if m.Sampled {
		name += ", sampled"
	}
	return name
}

// figures are what a case has measured, by name.
type figures map[string]float64

// Names of figures.
const (
	secondsPerMillion = "s_per_million_spans"
	cpuPerSpan        = "cpu_us_per_span"
	bytesPerSpan      = "allocated_bytes_per_span"
	heapMiB           = "heap_mib"
	groupsMade        = "groups"
	milliseconds      = "ms"
)

// procs is GOMAXPROCS of every case: what the targets are set for.
const procs = 2

const childVariable = "ASSAY_BENCH_TRACEDIFF"

func isChild() bool { return os.Getenv(childVariable) != "" }

// child measures the case that the parent asked for in this process, prints the figures, and returns the exit code.
func child() int {
	var m measurement
	err := json.Unmarshal([]byte(os.Getenv(childVariable)), &m)
	if err == nil {
		var f figures
		if f, err = m.profiled(); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(f)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (m measurement) profiled() (figures, error) {
	if m.Profile == "" {
		return m.run()
	}
	base := filepath.Join(m.Profile, fmt.Sprintf("%s-%s-%d", m.Kind, m.Subject, m.Spans))
	cpu, err := os.Create(base + ".cpu.prof")
	if err != nil {
		return nil, err
	}
	defer cpu.Close()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	f, err := m.run()
	pprof.StopCPUProfile()
	if err != nil {
		return nil, err
	}
	allocs, err := os.Create(base + ".allocs.prof")
	if err != nil {
		return nil, err
	}
	defer allocs.Close()
	runtime.GC() // the profile is as of the last one
	return f, pprof.Lookup("allocs").WriteTo(allocs, 0)
}

func (m measurement) run() (figures, error) {
	switch m.Kind {
	case aggregate:
		return m.aggregate()
	case groups:
		return m.manyGroups()
	case diff:
		return m.diff()
	}
	return nil, fmt.Errorf("kind of case: must be %s, %s or %s, got %q", aggregate, groups, diff, m.Kind)
}

// inChild measures the case in a fresh process of this program: no case sees the heap of another.
func (m measurement) inChild(ctx context.Context) (figures, error) {
	spec, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), childVariable+"="+string(spec), "GOMAXPROCS="+strconv.Itoa(procs))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", m.name(), err, bytes.TrimSpace(errs.Bytes()))
	}
	var f figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		return nil, fmt.Errorf("%s: figures: %w", m.name(), err)
	}
	return f, nil
}
