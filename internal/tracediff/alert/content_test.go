package alert

import (
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// What comes from spans is made harmless: it becomes labels, log lines and chat messages.
func TestHostileValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := string(rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "bytes"))
		got := clean(raw)
		assert.True(t, utf8.ValidString(got))
		assert.LessOrEqual(t, len(got), maxText*3+len("…"))
		assert.False(t, strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }))
	})
	assert.Equal(t, "GET /users", clean("GET /users"))
	assert.Equal(t, strings.Repeat("é", 127)+"…", clean("a" + strings.Repeat("é", 1000))[1:])
	q, e := slower()
	c := &e.Diff.Changes[0]
	c.Measure, c.Verdict, c.Effect, c.Low, c.High = compare.Presence, compare.New, math.Inf(1), math.NaN(), math.Inf(1)
	content := NewContent(q, e)
	_, err := content.Pack()
	assert.NoError(t, err)
}

// A summary is one line that chats and pagers show whole, whatever is in the names.
func TestSummary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.OneOf(rapid.String(), rapid.StringMatching("[a-z\\x00-\\x1f\u2028\u202e/]{0,400}"), rapid.Just(strings.Repeat("x", 10_000)))
		q, e := slower()
		q.Name = names.Draw(t, "query")
		for i := range e.Diff.Changes {
			c := &e.Diff.Changes[i]
			c.Service, c.Value = names.Draw(t, "service"), names.Draw(t, "operation")
		}
		e.Cause.Service, e.Cause.Deployed.To, e.Cause.Site = e.Diff.Changes[0].Service, names.Draw(t, "version"), e.Diff.Changes[0].Identity
		content := NewContent(q, e)
		for _, text := range []string{content.Summary, content.Description} {
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(text) {
				t.Fatalf("%q", text)
			}
		}
		if utf8.RuneCountInString(content.Summary) > 200 {
			t.Fatal(content.Summary)
		}
	})
}
