package query

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever the text is, it parses or says where it does not; what parses can be asked, also negated.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		``, `service IN ("a", "b") AND NOT ("x.y" >= 5 OR z != 'q')`, `a = "\"`, `ottl: name == "x"`, `duration < 1h`, `a NOT IN (1)`,
		`trace.duration > 1s AND (error = true OR trace:duration <= 250)`, `trace.duration NOT IN (1e300, -1h, "9")`, "é = \"\xff\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Column)
			require.LessOrEqual(t, syntax.Column, utf8.RuneCountInString(text)+1)
			return
		}
		rs, ss, span := example()
		got := q.Matches(rs, ss, span)
		if q.ottl != nil || len(text)+6 > maxLength {
			return
		}
		not, err := Parse("NOT (" + text + ")")
		if err != nil { // it may nest too deeply by one
			return
		}
		require.NotEqual(t, got, not.Matches(rs, ss, span))
		require.Equal(t, q.Ranges(), not.Ranges())
		for number := range q.Ranges() {
			require.NotEqual(t, q.MatchesIn(number, rs, ss, span), not.MatchesIn(number, rs, ss, span))
		}
		for _, d := range []time.Duration{math.MinInt64, -1, 0, time.Second, math.MaxInt64} {
			require.Less(t, q.RangeOf(d), q.Ranges())
		}
	})
}

// shape is an expression as a tree, with its value and a way to write it that leaves nothing to precedence.
type shape struct {
	text string
	want bool
}

var anyShape = rapid.Custom(func(t *rapid.T) shape { return drawShape(t, 4) })

func drawShape(t *rapid.T, depth int) shape {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 3).Draw(t, "kind")
	}
	switch kind {
	case 1:
		s := drawShape(t, depth-1)
		return shape{"NOT (" + s.text + ")", !s.want}
	case 2, 3:
		word, all := " OR ", kind == 3
		if all {
			word = " AND "
		}
		var parts []string
		want := all
		for range rapid.IntRange(2, 4).Draw(t, "parts") {
			s := drawShape(t, depth-1)
			parts = append(parts, "("+s.text+")")
			if all {
				want = want && s.want
			} else {
				want = want || s.want
			}
		}
		return shape{strings.Join(parts, word), want}
	}
	return rapid.SampledFrom([]shape{
		{`service = "checkout"`, true}, {`service = "cart"`, false}, {`retries > 5`, true}, {`retries IN (1, 2)`, false}, {`absent != 1`, true},
	}).Draw(t, "leaf")
}

// A tree of conditions is worth what its parts are worth, and a chain without parentheses binds AND before OR.
func TestTreesOfConditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs, ss, span := example()
		s := anyShape.Draw(t, "tree")
		q, err := Parse(s.text)
		require.NoError(t, err)
		require.Equal(t, s.want, q.Matches(rs, ss, span), s.text)

		var text []string
		want, group := false, true
		for n := range rapid.IntRange(1, 6).Draw(t, "chain") {
			leaf := drawShape(t, 0)
			if n > 0 {
				word := rapid.SampledFrom([]string{"AND", "or", "OR"}).Draw(t, "word")
				text = append(text, word)
				if word != "AND" {
					want, group = want || group, true
				}
			}
			text = append(text, leaf.text)
			group = group && leaf.want
		}
		q, err = Parse(strings.Join(text, " "))
		require.NoError(t, err)
		require.Equal(t, want || group, q.Matches(rs, ss, span), q)
	})
}
