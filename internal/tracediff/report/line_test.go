package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// Names give way first, then what matters least.
func TestFit(t *testing.T) {
	line := []clause{
		said(fixed("shop: "), elastic("/api/v1/contactservice/contacts/{id}"), fixed(" slower")),
		{pieces: []piece{elastic("symptom of a long name")}, instead: []piece{fixed("2 more")}, spare: 1},
		{pieces: []piece{fixed("trace")}, spare: 2},
	}
	for columns, want := range map[int]string{
		0:  "shop: /api/v1/contactservice/contacts/{id} slower; symptom of a long name; trace",
		70: "shop: /api/v1/cont…contacts/{id} slower; symptom of a long name; trace",
		54: "shop: /api/v1…cts/{id} slower; symptom…ong name; trace",
		50: "shop: /api/v1/…cts/{id} slower; symptom …ong name",
		40: "shop: /api/v1/c…acts/{id} slower; 2 more",
		30: "shop: /api/v1/…cts/{id} slower",
		20: "shop: /api/v1…cts/{id} slower", // no less
	} {
		text, ok := fit(line, "; ", columns)
		assert.Equal(t, want, text, columns)
		assert.Equal(t, columns != 20, ok, columns)
	}
}

// causesOf are the lines of the causes in a text.
func causesOf(text string) (lines []string) {
	_, rest, _ := strings.Cut(text, "\n 1. ")
	block, _, _ := strings.Cut(" 1. "+rest, "\n\n")
	return strings.Split(block, "\n")
}

// However long names are, a cause takes two lines of 80 columns at most, and the first one names the service, whole.
func TestTwoLines(t *testing.T) {
	names := rapid.StringMatching(`[a-z/{}. -]{1,200}`)
	services := rapid.StringMatching(`[a-z][a-z0-9-]{0,62}`)
	rapid.Check(t, func(t *rapid.T) {
		service, other := services.Draw(t, "service"), services.Draw(t, "other")
		var changes []compare.Change
		for _, id := range []struct{ caller, operation string }{{names.Draw(t, "caller"), names.Draw(t, "operation")}} {
			changes = append(changes, took(op(service, id.operation), 10, 20), waited(edge(other, id.caller, service, id.operation), 1, 2),
				waited(edge(service, id.operation, other, id.caller), 1, 2), came(edge(other, id.caller, service, id.operation), 3),
				called(edge(service, id.caller, other, id.operation), 1, 2), failed(op(service, id.operation), 0.1, 0.2), went(path(service, id.operation)), came(op(service, id.operation), 10))
		}
		cause := compare.Cause{Service: service, Main: rapid.IntRange(0, len(changes)-1).Draw(t, "main"), Symptom: 0, Explains: []int{0, 1}, Onset: afternoon}
		if rapid.Bool().Draw(t, "deployed") {
			version := rapid.StringMatching(`[0-9a-f.]{1,40}`)
			cause.Deployed = &compare.Deployment{Service: rapid.SampledFrom([]string{service, other}).Draw(t, "of"), From: version.Draw(t, "from"), To: version.Draw(t, "to")}
		}
		var b bytes.Buffer
		if err := Text(&b, diffOf([]compare.Cause{cause}, changes...), Options{}); err != nil {
			t.Fatal(err)
		}
		lines := causesOf(b.String())
		if len(lines) > 2 || !strings.Contains(lines[0], service) {
			t.Fatalf("%q", lines)
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Fatalf("%d columns: %s", n, line)
			}
		}
		if len(lines) > 1 && strings.Contains(lines[1], " slower, 10.0 -> 20.0 ms") && !strings.Contains(lines[1], service) && cause.Main != 0 {
			t.Fatalf("a symptom without its service: %s", lines[1])
		}
		summary := Summary(diffOf([]compare.Cause{cause}, changes...), &cause, Clean, 200)
		if utf8.RuneCountInString(summary) > 200 || strings.Contains(summary, "\n") || !strings.Contains(summary, service) {
			t.Fatal(summary)
		}
	})
}

// What comes from a span can neither move the cursor nor make markup, however it is put together.
func TestHostileNames(t *testing.T) {
	want := strings.Count(markdownOf(t, hostileNames("x"), Options{}), "\n")
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.OneOf(
			rapid.String(), rapid.StringMatching("[\x00-\x1f<>|`@#:/*_\\[\\]()!a-z\u202e\u200b]{0,200}"), rapid.StringMatching(`[\[\]()_*<]{60,100}`),
			rapid.Just("\x1b]0;owned\x07\x1b[2J"), rapid.Just("<img src=x onerror=alert(1)>"), rapid.Just("|\n| a | @everyone https://evil.example ![x](y)"),
			rapid.Just(strings.Repeat("x", 1<<20)), rapid.Just("\xff\xfe\x80"),
		).Draw(t, "name")
		d := hostileNames(hostile)
		d.Changes[0].Exemplars = []string{hostile}
		var text, md bytes.Buffer
		if Text(&text, d, Options{}) != nil || Markdown(&md, hostile, d, Options{}) != nil {
			t.Fatal("not written")
		}
		for _, out := range []string{text.String(), md.String()} {
			if len(out) > 40_000 {
				t.Fatalf("%d bytes", len(out))
			}
			for _, r := range out {
				if r != '\n' && !unicode.IsPrint(r) && r != '\u200B' {
					t.Fatalf("%U in the output", r)
				}
			}
		}
		own := strings.ReplaceAll(md.String(), "<br>", "") // ours
		if strings.Contains(own, "<") || strings.Contains(own, "](") || strings.Contains(own, "://") || strings.Contains(own, "@everyone") {
			t.Fatalf("markup: %s", own)
		}
		if lines := strings.Count(md.String(), "\n"); lines != want {
			t.Fatalf("%d lines, not %d", lines, want)
		}
		for _, line := range causesOf(text.String()) {
			if utf8.RuneCountInString(line) > 80 {
				t.Fatal(line)
			}
		}
	})
}

// The same report comes out of a diff whose changes are in the order of a report, as the API has them.
func TestArrangedDiffsAreArranged(t *testing.T) {
	for name, d := range scenarios() {
		want := textOf(t, d, Options{All: true})
		a := Arrange(d)
		at := map[*compare.Change]int{}
		again := *d
		again.Changes, again.Causes = nil, nil
		for _, c := range a.Changes {
			at[c] = len(again.Changes)
			again.Changes = append(again.Changes, *c)
		}
		for _, g := range a.Groups {
			c := *g.Cause
			c.Main, c.Explains = at[g.Main], nil
			for _, o := range g.Explains {
				c.Explains = append(c.Explains, at[o])
			}
			if c.Symptom >= 0 {
				c.Symptom = at[&d.Changes[c.Symptom]]
			}
			again.Causes = append(again.Causes, c)
		}
		assert.Equal(t, want, textOf(t, &again, Options{All: true}), name)
	}
}
