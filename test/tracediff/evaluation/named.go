package main

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// reportLines is how many causes the report of a diff has.
func reportLines(d *compare.Diff) int { return len(d.Causes) }

// namedService lists the services at fault that the first causes of a report name, up to a rank; 0: all causes. A cause that is about
// no service names none.
func namedService(d *compare.Diff, rank int) []string {
	var named []string
	for i := range d.Causes {
		service := d.Causes[i].Service
		if rank > 0 && i >= rank {
			break
		}
		if service != "" && !slices.Contains(named, service) {
			named = append(named, service)
		}
	}
	return named
}

// lineOf is the place of the first cause in a report that names one of some services; 0 where none does.
func lineOf(d *compare.Diff, services ...string) int {
	for rank := 1; rank <= reportLines(d); rank++ {
		for _, s := range namedService(d, rank) {
			if slices.Contains(services, s) {
				return rank
			}
		}
	}
	return 0
}
