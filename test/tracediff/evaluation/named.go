package main

import (
	"slices"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// reportLines is how many lines the report of a diff has, one for each flagged change.
func reportLines(d *compare.Diff) int { return flagged(d) }

// namedService lists the services that the first lines of a report name, up to a rank; 0: all lines. A line on all traces, a path
// or an attribute is a line that names none.
func namedService(d *compare.Diff, rank int) []string {
	var named []string
	for i := range d.Changes {
		c := &d.Changes[i]
		if !c.Flagged || rank > 0 && i >= rank {
			break
		}
		for _, service := range servicesOf(c) {
			if !slices.Contains(named, service) {
				named = append(named, service)
			}
		}
	}
	return named
}

// servicesOf are the services that the line of a change names as its place.
func servicesOf(c *compare.Change) []string {
	switch {
	case c.Toward != "":
		return []string{c.Toward, c.Service}
	case c.Kind == snapshot.Service:
		return []string{c.Value}
	case c.Kind == snapshot.Operation, c.Kind == snapshot.Edge:
		return []string{c.Service}
	}
	return nil
}

// lineOf is the first line of a report that names one of some services; 0 where none does.
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
