package report

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A line is made of clauses, and a clause of pieces. Where a line is too long, names are cut in their middle, the longest first; where
// that is not enough, clauses are left out, those that matter least first.

// piece is a part of a clause.
type piece struct {
	text  string
	least int // characters to which it may be cut; 0: it stays as it is
}

// clause is a part of a line.
type clause struct {
	pieces  []piece
	instead []piece // what takes its place where there is no room for it
	spare   int     // clauses with the highest make room first; 0: it stays
	stays   bool    // it may be replaced, but not left out
}

// leastName is how short a name may become, and leastVersion a version.
const (
	leastName    = 16
	leastVersion = 9
)

// fixed is a piece that stays as it is.
func fixed(text string) piece { return piece{text: text} }

// elastic is a name that may be cut.
func elastic(name string) piece { return piece{name, leastName} }

// said is a clause that stays.
func said(pieces ...piece) clause { return clause{pieces: pieces} }

// fit joins clauses to a line of at most so many characters; 0: any number. ok is false where it cannot be made so short.
func fit(clauses []clause, separator string, columns int) (text string, ok bool) {
	left := slices.Clone(clauses)
	for {
		if text, ok = joined(left, separator, columns); ok {
			return text, true
		}
		last := -1
		for i := range left {
			if left[i].spare > 0 && (last < 0 || left[i].spare >= left[last].spare) {
				last = i
			}
		}
		switch {
		case last < 0:
			return text, false
		case left[last].instead != nil:
			left[last].pieces, left[last].instead = left[last].instead, nil
			if left[last].stays {
				left[last].spare = 0
			}
		default:
			left = slices.Delete(left, last, last+1)
		}
	}
}

// joined is a line in which names are no longer than there is room for.
func joined(clauses []clause, separator string, columns int) (text string, ok bool) {
	longest := 0
	for i := range clauses {
		for _, p := range clauses[i].pieces {
			longest = max(longest, utf8.RuneCountInString(p.text))
		}
	}
	for most := longest; ; most-- {
		var b strings.Builder
		for i := range clauses {
			if i > 0 {
				b.WriteString(separator)
			}
			for _, p := range clauses[i].pieces {
				if p.least > 0 {
					p.text = shortened(p.text, max(p.least, most))
				}
				b.WriteString(p.text)
			}
		}
		text = b.String()
		if columns <= 0 || utf8.RuneCountInString(text) <= columns {
			return text, true
		}
		if most <= 1 {
			return text, false
		}
	}
}

// shortened is a text of at most so many characters, without its middle: names differ at their ends.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	r := []rune(text)
	tail := most / 2
	return string(r[:most-1-tail]) + "…" + string(r[len(r)-tail:])
}
