package window

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// What Save returns is
//
//	"assaywin" 8 B | version 1 B | xxHash64 of what follows, 8 B | for each open window:
//	hash of the query's definition, 8 B | length, varint | encoded snapshot
const (
	savedMagic   = "assaywin"
	savedVersion = 1
	savedHeader  = len(savedMagic) + 1 + 8
)

// ErrCorrupt is returned by Restore for bytes that Save has not written, or not all of them.
var ErrCorrupt = errors.New("saved windows are corrupt")

// Save writes all open windows as bytes. Traces that are still being put together are not in them; Shutdown leaves none.
func (e *Engine) Save() ([]byte, error) {
	out := make([]byte, savedHeader)
	copy(out, savedMagic)
	out[len(savedMagic)] = savedVersion
	var errs []error
	for _, c := range e.calendars() {
		for _, s := range c.peek() {
			data, err := snapshot.Encode(s)
			if err != nil {
				errs = append(errs, fmt.Errorf("query %q: %w", c.ID, err))
				continue
			}
			out = binary.LittleEndian.AppendUint64(out, c.definition())
			out = binary.AppendUvarint(out, uint64(len(data)))
			out = append(out, data...)
		}
	}
	binary.LittleEndian.PutUint64(out[len(savedMagic)+1:], xxhash.Sum64(out[savedHeader:]))
	return out, errors.Join(errs...)
}

// Restore puts saved windows back, as partial ones, because spans may have come while nobody was there. It is to be called before
// the first Consume. Windows of queries that are gone, or mean something else now, are left out, and so are those that the clock
// says have not begun; windows that are over close with the next Step. After an error, nothing is restored.
func (e *Engine) Restore(saved []byte) error {
	if len(saved) < savedHeader || string(saved[:len(savedMagic)]) != savedMagic {
		return fmt.Errorf("%w: they do not begin as such", ErrCorrupt)
	}
	if v := saved[len(savedMagic)]; v != savedVersion {
		return fmt.Errorf("saved windows have format %d; this program reads format %d: they are lost", v, savedVersion)
	}
	body := saved[savedHeader:]
	if xxhash.Sum64(body) != binary.LittleEndian.Uint64(saved[len(savedMagic)+1:]) {
		return fmt.Errorf("%w: their checksum is wrong", ErrCorrupt)
	}
	type window struct {
		definition uint64
		*snapshot.Snapshot
	}
	var windows []window
	for len(body) > 0 {
		if len(body) < 8 {
			return fmt.Errorf("%w: they are cut off", ErrCorrupt)
		}
		w := window{definition: binary.LittleEndian.Uint64(body)}
		size, n := binary.Uvarint(body[8:])
		if n <= 0 || size > uint64(len(body)-8-n) {
			return fmt.Errorf("%w: they are cut off", ErrCorrupt)
		}
		body = body[8+n:]
		var err error
		if w.Snapshot, err = snapshot.Decode(body[:size]); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		windows, body = append(windows, w), body[size:]
	}
	for _, c := range e.calendars() {
		for _, w := range windows {
			if w.QueryID == c.ID && w.definition == c.definition() {
				c.restore(w.Snapshot, e.clock.wall().UnixNano())
			}
		}
	}
	return nil
}

// definition is a hash of what a query means.
func (c *calendar) definition() uint64 {
	return xxhash.Sum64String(fmt.Sprintf("%s\x00%s\x00%s\x00%d", c.Query.Query.String(), c.Scope, strings.Join(c.Keys, "\x00"), c.Window))
}

// restore opens a window with what a snapshot holds.
func (c *calendar) restore(s *snapshot.Snapshot, now int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	start := s.Start.UnixNano()
	if c.startOf(start) != start || start > now || c.open[start] != nil {
		return
	}
	g := newAggregate(c, start, start+int64(c.Window), c.limits, c.memory)
	g.partial, g.coverage = true, s.Coverage
	g.grow(g.total.restore(&s.Total))
	for _, from := range s.Groups {
		g.restore(from)
	}
	for i := range s.Versions {
		v := &s.Versions[i]
		g.restored = append(g.restored, version{
			service: v.Service, version: v.Version, weight: v.Weight, first: v.First.UnixNano(), last: v.Last.UnixNano(),
		})
	}
	c.open[start] = g
	if start < c.closedUntil.Load() {
		c.closedUntil.Store(start)
	}
}

// restore makes a group. The limits held when it was made first.
func (g *aggregate) restore(from *snapshot.Group) {
	hash := identityHash(&from.Identity)
	if g.byIdentity[hash] != nil {
		return
	}
	made := g.open(from.Identity, hash)
	if !made.isOverflow() {
		g.count(&from.Identity, crowdOf(&from.Identity))
	}
	for _, p := range from.Parents {
		if p.Service == "" {
			made.roots = p.Weight
		}
	}
	g.grow(made.restore(from))
}
