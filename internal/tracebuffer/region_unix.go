//go:build unix

package tracebuffer

import "golang.org/x/sys/unix"

// mapMemory reserves n bytes outside the Go heap, so that buffered spans do not raise the garbage collector's heap goal;
// where the system refuses (a limit on mappings), the Go heap must do, and mapped is false.
func mapMemory(n int) (memory []byte, mapped bool) {
	memory, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make([]byte, n), false
	}
	return memory, true
}

// unmapMemory undoes mapMemory. An error would mean that memory was not mapped here: a defect, not a condition.
func unmapMemory(memory []byte) {
	if err := unix.Munmap(memory); err != nil {
		panic("tracebuffer: cannot unmap a region: " + err.Error())
	}
}

// discardMemory gives the pages back and keeps the address range. It is a hint: on an error the pages stay.
func discardMemory(memory []byte) {
	_ = unix.Madvise(memory, unix.MADV_DONTNEED)
}
