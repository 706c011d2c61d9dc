package tracebuffer

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/spanbatch"
)

// status reads a size in bytes from /proc/self/status.
func status(t *testing.T, key string) int {
	b, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			require.NoError(t, err)
			return kib << 10
		}
	}
	t.Fatalf("%s is not in /proc/self/status", key)
	return 0
}

// What a burst has taken goes back to the system: addresses when a region is empty or the Buffer is closed, pages when a
// slab is.
func TestMemoryGoesBack(t *testing.T) {
	const blocks, size = 4096, largestBlock // 128 MiB
	const slack = 24 << 20                  // the Go heap moves meanwhile
	var a arena
	fill := func() (refs []blockRef) {
		for range blocks {
			ref := a.alloc(class(size))
			block := a.block(ref)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			refs = append(refs, ref)
		}
		return refs
	}
	debug.FreeOSMemory() // or else what tests before have left goes back meanwhile
	address, resident := status(t, "VmSize"), status(t, "VmRSS")

	refs := fill()
	require.Greater(t, status(t, "VmSize"), address+blocks*size-slack)
	require.Greater(t, status(t, "VmRSS"), resident+blocks*size-slack)
	for i, ref := range refs {
		if i%128 != 0 { // one slab of each four regions stays in use: pages go, addresses stay
			a.release(ref)
		}
	}
	require.Less(t, status(t, "VmRSS"), resident+blocks*size/16+slack)
	for i, ref := range refs {
		if i%128 == 0 {
			a.release(ref)
		}
	}
	require.Less(t, status(t, "VmSize"), address+slack)

	fill()
	a.close()
	require.Less(t, status(t, "VmSize"), address+slack)
	require.Less(t, status(t, "VmRSS"), resident+slack)
}

// Buffered spans are not on the Go heap, so they do not raise the garbage collector's goal.
func TestSpansAreOffTheGoHeap(t *testing.T) {
	s := newStore(t, Options{})
	td := spanbatch.New(1, 500, 16)
	s.add(td)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 10 {
		s.add(td)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	spans := 10 * td.SpanCount()
	require.Less(t, (int(after.HeapAlloc)-int(before.HeapAlloc))/spans, 5)
	require.Greater(t, int(s.Bytes())/spans, 50)
}
