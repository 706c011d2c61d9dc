package watch

import (
	"fmt"
	"strings"
)

// summary is the report in words, for somebody who was woken up: who is fine, who loses what since when, and what nobody sees.
func (r *Report) summary() string {
	if r.State == Starting {
		return "Nothing is known yet, and no verdict can be due."
	}
	var fine, wrong, ignorant, exporters []string
	collector := true // is fine, as far as its exporters of the sentinel see
	for i := range r.Vantages {
		v := &r.Vantages[i]
		if v.Kind == Pipeline {
			exporters = append(exporters, v.Name)
			collector = collector && v.State == OK
		}
		switch {
		case v.State == OK && v.Kind != Pipeline:
			fine = append(fine, v.Name)
		case v.State == Degraded && v.harmed:
			wrong = append(wrong, v.Name+" "+v.Reason)
		case v.State == Degraded:
			wrong = append(wrong, v.Name+": "+v.Reason)
		case v.State == Unknown:
			ignorant = append(ignorant, fmt.Sprintf("of %s nothing is known: %s", v.Name, v.Reason))
		}
	}
	if len(exporters) > 0 && collector {
		fine = append([]string{"the collector"}, fine...)
	} else {
		for i := range r.Vantages {
			if v := &r.Vantages[i]; v.Kind == Pipeline && v.State == OK {
				fine = append(fine, v.Name)
			}
		}
	}
	var parts []string
	switch len(fine) {
	case 0:
	case 1:
		parts = append(parts, fine[0]+" is fine")
	default:
		parts = append(parts, strings.Join(fine[:len(fine)-1], ", ")+" and "+fine[len(fine)-1]+" are fine")
	}
	parts = append(append(parts, wrong...), ignorant...)
	if len(wrong)+len(ignorant) == 0 && r.State != OK {
		parts = append(parts, "nothing is known: "+strings.Join(r.Reasons, "; "))
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}
