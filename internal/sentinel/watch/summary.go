package watch

import (
	"fmt"
	"slices"
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
		fine = append([]string{"The collector"}, fine...)
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
		parts = append(parts, listed(fine)+" are fine")
	}
	parts = append(append(parts, wrong...), ignorant...)
	if len(wrong)+len(ignorant) == 0 && r.State != OK {
		parts = append(parts, "Nothing is known: "+strings.Join(r.Reasons, "; "))
	}
	return strings.Join(parts, "; ") + "." + r.unseen()
}

// unseen says what is beyond all vantages, if anything.
func (r *Report) unseen() string {
	const most = 4
	var names []string
	for _, l := range r.Unwatched {
		if !slices.Contains(names, l.Exporter) {
			names = append(names, l.Exporter)
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n > most:
		names = append(names[:most-1], fmt.Sprintf("%d others", n-most+1))
	}
	return " Nobody watches what is lost behind " + listed(names) + "."
}

// listed writes names as a list.
func listed(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
