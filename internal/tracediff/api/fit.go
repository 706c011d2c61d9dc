package api

import (
	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/wire"
)

const (
	// mostBytes is how many an answer may have, about: a sixteenth is left for what is not in lists.
	mostBytes = console.MostBytes / 16 * 15
	// mostOfMany is for each one of those that are listed.
	mostOfMany = mostBytes / 16
)

// fitted is a list as far as it has room. truncated is set where it has not.
func fitted[T any](list []T, most int, truncated *bool) []T {
	kept := console.Fit(list, most)
	*truncated = *truncated || len(kept) < len(list)
	return kept
}

// fitDiff cuts the lists of a diff to so many bytes together.
func fitDiff(d *TutorialDiff, most int) {
	part, cut := most/16, &d.Truncated
	d.A.Versions, d.B.Versions = fitted(d.A.Versions, part, cut), fitted(d.B.Versions, part, cut)
	d.Causes = fitCauses(d.Causes, 3*part, cut)
	d.Changes = fitted(d.Changes, 5*part, cut)
	d.Listed = len(d.Changes)
	if s := d.SideBySide; s != nil {
		s.Telling, s.Selected = fitted(s.Telling, 2*part, cut), fitted(s.Selected, part, cut)
	}
	for i, each := 0, 3*part/max(1, len(d.Diffs)); i < len(d.Diffs); i++ {
		k := &d.Diffs[i]
		k.New, k.Missing, k.Diffs = fitted(k.New, each/4, cut), fitted(k.Missing, each/4, cut), fitted(k.Diffs, each/2, cut)
	}
}

// fitCauses cuts a list of causes, and in each the changes that follow from it.
func fitCauses(list []wire.Cause, most int, truncated *bool) []wire.Cause {
	for i := range list {
		list[i].Explains = fitted(list[i].Explains, most/4, truncated)
	}
	return fitted(list, most, truncated)
}

// fitSnapshot cuts the lists of a snapshot to so many bytes together.
func fitSnapshot(s *wire.Snapshot, most int) {
	s.Versions = fitted(s.Versions, most/4, &s.Truncated)
	s.Groups = console.Fit(s.Groups, most/4*3)
}

// fitting is the beginning of a list that fits into an answer, at least one.
func fitting[T any](list []T) []T {
	return list[:min(len(list), max(1, len(console.Fit(list, mostBytes))))]
}
