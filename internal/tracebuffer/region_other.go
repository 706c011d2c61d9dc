//go:build !unix

package tracebuffer

// mapMemory takes n bytes from the Go heap: there is no mmap here.
func mapMemory(n int) (memory []byte, mapped bool) { return make([]byte, n), false }

func unmapMemory([]byte) {}

func discardMemory([]byte) {}
