package simulate

import (
	"encoding/json"
	"fmt"
	"os"
)

// Labels say which traces are anomalous: trace id to class, fault and window, as in
// {"traces": {"<32 hex digits>": ["anomalous", "cpu", "w1"]}}. Fault and window may be null or missing. Of the classes only
// "normal" and "anomalous" count; traces of other classes are there, but nothing is asked about them.
type Labels struct {
	Dataset string              `json:"dataset"`
	Traces  map[string][]string `json:"traces"`
}

// Classes of a label.
const (
	ClassNormal    = "normal"
	ClassAnomalous = "anomalous"
)

// ReadLabels reads a labels file.
func ReadLabels(path string) (*Labels, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw := struct {
		Dataset string           `json:"dataset"`
		Traces  map[string][]any `json:"traces"`
	}{}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("%s: not a labels file: %w", path, err)
	}
	l := &Labels{Dataset: raw.Dataset, Traces: make(map[string][]string, len(raw.Traces))}
	for id, v := range raw.Traces {
		for _, x := range v {
			s, _ := x.(string)
			l.Traces[id] = append(l.Traces[id], s)
		}
	}
	if len(l.Traces) == 0 {
		return nil, fmt.Errorf(`%s: no labels; expected {"traces": {"<trace id>": ["normal"|"anomalous", ...]}}`, path)
	}
	return l, nil
}

// class of a trace; empty without a label.
func (l *Labels) class(t *Trace) string { return l.part(t, 0) }

// fault is what is wrong with an anomalous trace.
func (l *Labels) fault(t *Trace) string { return l.part(t, 1) }

// window is one occurrence of a fault.
func (l *Labels) window(t *Trace) string { return l.fault(t) + "#" + l.part(t, 2) }

func (l *Labels) part(t *Trace, n int) string {
	if l == nil {
		return ""
	}
	if v := l.Traces[t.ID.String()]; n < len(v) {
		return v[n]
	}
	return ""
}
