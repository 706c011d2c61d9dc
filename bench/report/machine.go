package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
)

// Machine describes what was measured on: cores, model, memory, system and how busy it was, as Markdown list items.
func Machine() string {
	var b strings.Builder
	fmt.Fprintf(&b, "- machine: %d cores, %s, %s; %s/%s, Linux %s\n", runtime.NumCPU(), field("/proc/cpuinfo", "model name"),
		field("/proc/meminfo", "MemTotal"), runtime.GOOS, runtime.GOARCH, line("/proc/sys/kernel/osrelease"))
	fmt.Fprintf(&b, "- load average when it began: %s\n", line("/proc/loadavg"))
	return b.String()
}

// Versions names the Go version and those of the modules that matter, as this program was built, as Markdown list items.
func Versions(modules ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- %s\n", runtime.Version())
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b.String()
	}
	for _, m := range info.Deps {
		for _, want := range modules {
			if m.Path == want {
				fmt.Fprintf(&b, "- %s %s\n", m.Path, m.Version)
			}
		}
	}
	return b.String()
}

// Revision names the commit in whose working tree this runs, as a Markdown list item; nothing outside of one.
func Revision(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return ""
	}
	return "- this repository at " + strings.TrimSpace(string(out)) + "\n"
}

// unknown stands for what the system does not tell.
const unknown = "unknown"

// field is the first value of a key in a file of "key: value" lines.
func field(path, key string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	for l := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return unknown
}

func line(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	return string(bytes.TrimSpace(b))
}
