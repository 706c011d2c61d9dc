package watch

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// awaited is what has to be heard at a place.
type awaited struct {
	instances map[uint16]string // that are listed, with their names; none: any
	streams   []*traffic.Stream // that are configured at the place itself; none: those that join
	within    time.Duration     // in which a trace gets its verdict at most

	joined verify.Instant // when the first stream did
	next   uint32         // the first slot that has not been looked at for traces
	due    bool           // one had some whose verdict is due
}

// due says whether there must have been a verdict by now: streams that pause have none due.
func (p *place) due(now verify.Instant) bool {
	a := &p.awaited
	if p.joined == 0 || p.sparse {
		return false
	}
	at := a.joined.Wall.Add(now.Mono - a.joined.Mono - a.within)
	for ; !a.due && traffic.SlotStart(a.next+2).Before(at); a.next++ { // a trace takes a slot, and its batches another
		for _, s := range p.streams {
			a.due = a.due || s.Count(a.next) > 0
		}
	}
	return a.due
}

// unheard names a listed generator that has not been heard.
func (p *place) unheard(s *verify.State) string {
	streams := p.awaited.streams
	if len(streams) == 0 {
		for _, number := range slices.Sorted(maps.Keys(p.streams)) {
			streams = append(streams, p.streams[number])
		}
	}
	type one struct {
		instance uint16
		stream   string
	}
	heard := map[one]bool{}
	for _, source := range s.Sources {
		heard[one{source.Instance, source.Stream}] = source.Heard >= 0
	}
	for _, instance := range slices.Sorted(maps.Keys(p.awaited.instances)) {
		for _, stream := range streams {
			if name := stream.Config().Name; !heard[one{instance, name}] {
				return fmt.Sprintf("the generator of stream %s of the listed instance %q (%d) has not been heard", name, p.awaited.instances[instance], instance)
			}
		}
	}
	return ""
}
