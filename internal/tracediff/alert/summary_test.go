package alert

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

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
