package tailsampling

import (
	"maps"
	"math"
	"slices"

	"github.com/assayhq/assay/internal/statecodec"
	"github.com/assayhq/assay/internal/tracesketch"
)

// stateWriter writes entries that were there when it began, as they are when their turn comes.
type stateWriter struct {
	d          *decider
	c          *statecodec.Codec
	names      map[tracesketch.Operation]OperationName
	operations []tracesketch.Operation
	paths      []tracesketch.Path
	classes    int
	part       statePart
	at         int // in the part
}

// statePart is which entries a writer is at.
type statePart int

const (
	operationsPart statePart = iota
	pathsPart
	classesPart
	decisionsPart // of a shard each
	nothingLeft
)

func newStateWriter(d *decider, names *operations) *stateWriter {
	w := &stateWriter{
		d: d, c: statecodec.Writer(nil), names: names.all(),
		operations: slices.Collect(maps.Keys(d.learned.operations)), paths: slices.Collect(maps.Keys(d.learned.paths)), classes: len(d.gaps.classes),
	}
	head{version: stateVersion, fingerprint: fingerprint(&d.cfg.Paths), selection: selection(d.cfg), written: d.clock.Wall()}.code(w.c)
	d.selector.state(w.c, 0)
	d.learned.totals(w.c)
	age := d.learned.decay.Epoch() - d.gaps.epoch
	w.c.Int32(&age, 0, math.MaxInt32)
	for i := range d.idKey {
		w.c.Uint64(&d.idKey[i])
	}
	return w
}

// step writes some entries and tells whether all are written.
func (w *stateWriter) step(entries int) bool {
	for ; entries > 0 && w.part < nothingLeft; entries-- {
		if w.at == [...]int{len(w.operations), len(w.paths), w.classes, len(w.d.shards)}[w.part] {
			w.c.More(false)
			w.part, w.at = w.part+1, 0
			continue
		}
		switch l := w.d.learned; w.part {
		case operationsPart:
			w.operation(w.operations[w.at], l)
		case pathsPart:
			if id := uint64(w.paths[w.at]); l.paths[w.paths[w.at]] != nil {
				w.c.More(true)
				w.c.Uint64(&id)
				l.paths[w.paths[w.at]].state(w.c, l.decay)
			}
		case classesPart:
			w.c.More(true)
			w.d.gaps.classes[w.at].state(w.c)
		case decisionsPart:
			w.writeDecisions(w.d.shards[w.at])
		}
		w.at++
	}
	return w.part == nothingLeft
}

func (w *stateWriter) operation(op tracesketch.Operation, l *learned) {
	o := l.operations[op]
	if o == nil {
		return // forgotten since
	}
	w.c.More(true)
	id := uint64(op)
	w.c.Uint64(&id)
	n := w.names[op]
	n.code(w.c)
	o.state(w.c, l.decay)
}
