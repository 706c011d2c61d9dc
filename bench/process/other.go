package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Resident reads the resident memory of a process in bytes: now, and the most it has ever been. pid is a number or "self".
func Resident(pid string) (now, peak int64, err error) {
	path := "/proc/" + pid + "/status"
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, fmt.Errorf("resident memory: %w", err)
	}
	if now, err = statusBytes(b, "VmRSS"); err == nil {
		peak, err = statusBytes(b, "VmHWM")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", path, err)
	}
	return now, peak, nil
}

func statusBytes(status []byte, key string) (int64, error) {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("%s is not a number of kB: %w", key, err)
			}
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("%s is missing", key)
}

// clockTick is the unit of CPU time in /proc: Linux shows 100 a second on every architecture that Go runs on.
const clockTick = 10 * time.Millisecond

// CPU reads the user and system time of another process.
func CPU(pid int) (time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", pid)
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("CPU time: %w", err)
	}
	// Behind the name, which may hold anything, come the fields from the third on: user and system time are 14 and 15.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s: %d fields behind the name, want at least 13", path, len(fields))
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: CPU time: %w", path, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
