package traceassembly

// Batch is the scratch of one Consume: its spans, as references of type R, by shard. A shard's spans stay in the order in which
// they came.
type Batch[R any] struct {
	Spans   []R
	byShard [][]int32 // indices of spans
}

// NewBatch makes one for a number of shards.
func NewBatch[R any](shards int) Batch[R] { return Batch[R]{byShard: make([][]int32, shards)} }

// Add appends a span of a shard.
func (b *Batch[R]) Add(shard int, span R) {
	b.byShard[shard] = append(b.byShard[shard], int32(len(b.Spans)))
	b.Spans = append(b.Spans, span)
}

// Of are the indices of a shard's spans.
func (b *Batch[R]) Of(shard int) []int32 { return b.byShard[shard] }

// Reset empties the batch for the next one. Nothing that a span referred to stays reachable.
func (b *Batch[R]) Reset() {
	clear(b.Spans)
	b.Spans = b.Spans[:0]
	for i := range b.byShard {
		b.byShard[i] = b.byShard[i][:0]
	}
}
