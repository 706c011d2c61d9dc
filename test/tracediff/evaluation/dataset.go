package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/simulate"
)

// dataset is a recording with labels: NAME.jsonl.zst and NAME.labels.json. Such data are not part of the repository.
type dataset struct {
	name   string
	traces []*recorded
	quiet  []*recorded // those that are labelled normal
	faults []fault
}

// fault is a labelled window of a data set.
type fault struct {
	Start     int64  `json:"start"` // ns since 1970
	End       int64  `json:"end"`
	GuardFrom int64  `json:"guard_from"` // what lies between this and GuardTo is not known to be healthy
	GuardTo   int64  `json:"guard_to"`
	Service   string `json:"service"`
	Type      string `json:"type"`
}

// datasets reads those of a directory that have windows with faults. It reads them once.
func (o *options) datasets() ([]*dataset, error) {
	if o.read != nil {
		return o.read, nil
	}
	paths, err := filepath.Glob(filepath.Join(o.shared, "*.labels.json"))
	if err != nil {
		return nil, err
	}
	o.read = []*dataset{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".labels.json")
		faults, err := readFaults(path)
		if err != nil {
			return nil, err
		}
		if len(faults) == 0 {
			continue
		}
		progress("reading %s", name)
		traces, err := readRecording(filepath.Join(o.shared, name+".jsonl.zst"))
		if err != nil {
			return nil, err
		}
		labels, err := simulate.ReadLabels(path)
		if err != nil {
			return nil, err
		}
		d := &dataset{name: name, traces: traces, faults: faults}
		for _, t := range traces {
			if l := labels.Traces[t.id.String()]; len(l) > 0 && l[0] == simulate.ClassNormal {
				d.quiet = append(d.quiet, t)
			}
		}
		if len(traces) > 0 {
			o.read = append(o.read, d)
		}
	}
	return o.read, nil
}

// readFaults reads the windows of a labels file; nil where it has none.
func readFaults(path string) ([]fault, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var labels struct {
		Windows []fault `json:"windows"`
	}
	if err := json.Unmarshal(b, &labels); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels.Windows, nil
}

// period is a stretch of time.
type period struct{ from, until time.Time }

func (p period) length() time.Duration { return p.until.Sub(p.from) }

// period is that of the fault; guarded is that of which it is not known whether it is healthy.
func (f *fault) period() period { return period{time.Unix(0, f.Start), time.Unix(0, f.End)} }

func (f *fault) guarded() period {
	p := f.period()
	if f.GuardFrom > 0 {
		p.from = time.Unix(0, f.GuardFrom)
	}
	if f.GuardTo > 0 {
		p.until = time.Unix(0, f.GuardTo)
	}
	return p
}

// healthy are the periods of the recording that no fault reaches, in order. Faults are in order too.
func (d *dataset) healthy() []period {
	var list []period
	at := d.traces[0].start
	for i := range d.faults {
		g := d.faults[i].guarded()
		if g.from.After(at) {
			list = append(list, period{at, g.from})
		}
		if g.until.After(at) {
			at = g.until
		}
	}
	if end := d.traces[len(d.traces)-1].start; end.After(at) {
		list = append(list, period{at, end})
	}
	return list
}

// before is the healthy period of a length that ends where a fault may begin, if there is one.
func (d *dataset) before(f *fault, length time.Duration) (period, bool) {
	end := f.guarded().from
	for _, p := range d.healthy() {
		if p.until.Equal(end) && p.length() >= length {
			return period{end.Add(-length), end}, true
		}
	}
	return period{}, false
}

// within are the traces that begin in a period.
func (p period) within(traces []*recorded) []moved {
	var list []moved
	for _, t := range traces {
		if !t.start.Before(p.from) && t.start.Before(p.until) {
			list = append(list, moved{t, 0})
		}
	}
	return list
}

// pieces cuts a period into whole pieces of a length.
func (p period) pieces(length time.Duration) []period {
	var list []period
	for at := p.from; !at.Add(length).After(p.until); at = at.Add(length) {
		list = append(list, period{at, at.Add(length)})
	}
	return list
}
