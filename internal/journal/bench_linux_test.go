package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// To repeat: go test ./internal/journal -run '^$' -bench . -benchtime 300000x. One operation is a KiB.

// cpu is the processor time of this process, which does not grow while others have the processor.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perKiB(b *testing.B, began time.Duration) {
	b.ReportMetric(float64((cpu(b)-began).Nanoseconds())/float64(b.N), "cpu-ns/KiB")
}

// BenchmarkAppend is what a batch takes, in segments that are written over.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{8 << 10, 64 << 10} {
		for _, sync := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dKiB/sync=%v", size>>10, sync), func(b *testing.B) {
				j := opened(b, b.TempDir(), func(o *Options) { o.MaxBytes, o.Sync = 1<<30, sync })
				j.Recovered()
				r := record(1, size)
				began := cpu(b)
				for n := 0; n < b.N; n += size >> 10 {
					if err := j.Append(r); err != nil {
						b.Fatal(err)
					}
				}
				perKiB(b, began)
			})
		}
	}
}

// BenchmarkFile compares ways to write 64 KiB at a time to files of 16 MiB: new ones, or ones that are written over.
func BenchmarkFile(b *testing.B) {
	const size = 64 << 10
	buf := make([]byte, size)
	for _, over := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "over"}[over], func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "file")
			f, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			at, began := int64(0), cpu(b)
			for n := 0; n < b.N; n += size >> 10 {
				if at == largest {
					if at = 0; !over {
						if err := errors.Join(f.Close(), os.Remove(path)); err != nil {
							b.Fatal(err)
						}
						if f, err = os.Create(path); err != nil {
							b.Fatal(err)
						}
					}
				}
				if _, err := f.WriteAt(buf, at); err != nil {
					b.Fatal(err)
				}
				at += size
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
			perKiB(b, began)
		})
	}
}

// BenchmarkMapped is BenchmarkFile with files that are preallocated and mapped.
func BenchmarkMapped(b *testing.B) {
	const size = 64 << 10
	buf := make([]byte, size)
	for _, over := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "over"}[over], func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "file")
			mapped := func() []byte {
				if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
					b.Fatal(err)
				}
				f, err := os.Create(path)
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				if err := unix.Fallocate(int(f.Fd()), 0, 0, largest); err != nil {
					b.Skip(err)
				}
				m, err := unix.Mmap(int(f.Fd()), 0, largest, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
				if err != nil {
					b.Fatal(err)
				}
				return m
			}
			m, at, began := mapped(), 0, cpu(b)
			for n := 0; n < b.N; n += size >> 10 {
				if at == largest {
					if at = 0; !over {
						if err := unix.Munmap(m); err != nil {
							b.Fatal(err)
						}
						m = mapped()
					}
				}
				copy(m[at:], buf)
				at += size
			}
			if err := unix.Munmap(m); err != nil {
				b.Fatal(err)
			}
			perKiB(b, began)
		})
	}
}
