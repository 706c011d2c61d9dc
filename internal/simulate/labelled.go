package simulate

import (
	"maps"
	"slices"
)

// LabelReport is how many of the labelled anomalies were kept.
type LabelReport struct {
	Dataset      string        `json:"dataset,omitempty"`
	Anomalous    int           `json:"anomalous_traces"`
	Kept         int           `json:"kept"`
	Recall       float64       `json:"recall"`
	Windows      int           `json:"windows"`      // occurrences of faults
	WindowsSeen  int           `json:"windows_seen"` // with a kept trace
	Faults       []FaultReport `json:"faults"`
	Normal       int           `json:"normal_traces"`
	NormalKept   int           `json:"normal_kept"`
	Unclassified int           `json:"other_traces"` // neither normal nor anomalous, or without a label
}

// FaultReport is one kind of anomaly.
type FaultReport struct {
	Fault  string  `json:"fault"`
	Traces int     `json:"traces"`
	Kept   int     `json:"kept"`
	Recall float64 `json:"recall"`
}

// newLabelReport returns nil without labels.
func newLabelReport(plan Plan, outs []Outcome, labels *Labels) *LabelReport {
	if labels == nil {
		return nil
	}
	r := &LabelReport{Dataset: labels.Dataset}
	faults := map[string]*FaultReport{}
	windows := map[string]bool{}
	for i := range outs {
		o := &outs[i]
		switch {
		case plan.Anomalous[o.Trace]:
			name := labels.fault(o.Trace)
			f := faults[name]
			if f == nil {
				f = &FaultReport{Fault: name}
				faults[name] = f
			}
			f.Traces++
			f.Kept += one(o.Kept)
			windows[labels.window(o.Trace)] = windows[labels.window(o.Trace)] || o.Kept
			r.Anomalous++
			r.Kept += one(o.Kept)
		case labels.class(o.Trace) == ClassNormal:
			r.Normal++
			r.NormalKept += one(o.Kept)
		default:
			r.Unclassified++
		}
	}
	r.Recall = share(r.Kept, r.Anomalous)
	for _, seen := range windows {
		r.Windows++
		r.WindowsSeen += one(seen)
	}
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		f := faults[name]
		f.Recall = share(f.Kept, f.Traces)
		r.Faults = append(r.Faults, *f)
	}
	return r
}
