package tracebuffer

// AppendRecord adds a span of which the caller keeps only a header and a few bytes of its own encoding. Records of bytes may
// be read by Headers only: a trace holds either them or spans, and Decode is for spans.
func (b *Buffer) AppendRecord(t *Trace, h Header, body []byte) {
	if t.spans == 0 {
		b.generations.retain(t)
	}
	e := &b.encoder
	e.begin()
	e.buf = append(e.buf, body...)
	control := uint8(b.generations.current.sequence&slotMask) | sameGroups
	at := putHeader((*[headerReserve]byte)(e.buf), control, &h, t.start, len(body), 0)
	t.start = h.Start
	t.spans++
	b.arena.write(t, e.buf[at:])
	e.settle()
}

// Record appends the bytes of the record that Next has read last to dst. It may be called once after each Next.
func (w *Headers) Record(dst []byte) []byte {
	r, n := &w.reader, w.body
	w.body = 0
	if n <= int(r.end-r.at) {
		dst = append(dst, r.memory[r.at:int(r.at)+n]...)
		r.at += uint32(n)
		return dst
	}
	from := len(dst)
	for len(dst) < from+n {
		dst = append(dst, 0)
	}
	r.peek(dst[from:])
	r.skip(n)
	return dst
}
