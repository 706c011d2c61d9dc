package traceassembly

import "sync/atomic"

// Memory counts bytes in use, by several holders that each know what they hold.
type Memory struct{ used atomic.Int64 }

// Holding is what a Memory counts for one holder. Its holder's lock guards it.
type Holding struct{ bytes int64 }

// Used is the sum over all holders, in bytes.
func (m *Memory) Used() int64 { return m.used.Load() }

// Add counts bytes that are no holding: they only ever grow, or their holder counts the changes itself.
func (m *Memory) Add(bytes int64) { m.used.Add(bytes) }

// Account brings the count up to date with what the holder holds now.
func (m *Memory) Account(h *Holding, now int64) {
	if now != h.bytes {
		m.used.Add(now - h.bytes)
		h.bytes = now
	}
}

// Bytes is what is counted.
func (h *Holding) Bytes() int64 { return h.bytes }
