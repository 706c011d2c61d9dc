package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Two snapshots can be compared if they are about the same traces and captured the same attributes: otherwise what was asked
// would show as a change of the system. What was asked is the query id of a snapshot that assayctl makes; the window is no part of
// it.

// unknownQuery is the query id in snapshots of assayctl up to 0.1.0, which did not write down what was asked.
const unknownQuery = "assayctl"

// asked is the query id of snapshots made here: scope and query.
func (r *sideReader) asked() string {
	return fmt.Sprintf("%s %s %s", unknownQuery, r.parsed.Scope, strings.TrimSpace(r.parsed.Query.String()))
}

// side is a snapshot and the file that it is, or was made of.
type side struct {
	path      string
	recording bool // made just now, with the keys of the command line
	*snapshot.Snapshot
}

// alike refuses two sides that answer different questions.
func (r *sideReader) alike(a, b side) error {
	if a.QueryID != b.QueryID && a.QueryID != unknownQuery && b.QueryID != unknownQuery {
		return fmt.Errorf("%s is about %s, %s is about %s: give --query and --scope the same values for both, and save again what differs",
			a.path, a.about(), b.path, b.about())
	}
	if r.named { // both hold these, and no others are looked at
		return nil
	}
	if len(without(a.Keys, b.Keys)) > 0 || len(without(b.Keys, a.Keys)) > 0 {
		return fmt.Errorf("%s has the values of %s, %s those of %s: say with --key which of them to compare%s",
			a.path, keyList(a.Keys), b.path, keyList(b.Keys), keyAdvice(a, b))
	}
	return nil
}

// about is what was asked, as on the command line.
func (s side) about() string {
	rest, ours := strings.CutPrefix(s.QueryID, unknownQuery+" ")
	scope, text, whole := strings.Cut(rest, " ")
	if !ours || !whole {
		return "query " + s.QueryID
	}
	return fmt.Sprintf("--query '%s' --scope %s", text, scope)
}

// keyAdvice is how to go on with sides that have different keys. A recording has whatever is asked of it.
func keyAdvice(a, b side) string {
	var common []string
	switch {
	case a.recording:
		common = b.Keys
	case b.recording:
		common = a.Keys
	default:
		common = without(a.Keys, without(a.Keys, b.Keys))
	}
	if len(common) == 0 {
		return "; --key '' compares no values"
	}
	return ", such as --key " + strings.Join(common, ",")
}

// holdsKeys refuses a snapshot that lacks an attribute that was named.
func (r *sideReader) holdsKeys(s side) error {
	if !r.named {
		return nil
	}
	if missing := without(r.keys, s.Keys); len(missing) > 0 {
		return fmt.Errorf("--key: %s does not have the values of %s, but those of %s", s.path, keyList(missing), keyList(s.Keys))
	}
	return nil
}

// narrowed is a snapshot with the named keys only.
func (r *sideReader) narrowed(s side) *snapshot.Snapshot {
	if !r.named {
		return s.Snapshot
	}
	n := *s.Snapshot
	n.Keys = r.keys
	return &n
}

// without is what of keys is not in others.
func without(keys, others []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(others, k) })
}

func keyList(keys []string) string {
	if len(keys) == 0 {
		return "no attribute"
	}
	return strings.Join(keys, ", ")
}
