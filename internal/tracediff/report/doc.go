// Package report writes a diff for people: as text for a terminal, and as Markdown for a pull request; and for programs, as JSON.
//
//	Text        causes, sentences and a table     (text.go)
//	Markdown    the same for a comment             (markdown.go)
//	Document    the same as JSON                   (json.go, json_cause.go)
//	Arrange     changes under their causes         (arrange.go)
//	Cause       what a cause is, in words          (cause.go, where.go, grown.go, symptom.go)
//	SideBySide  two selections of traces           (side_by_side.go, side_by_side_*.go)
//	lines       what gives way where room is short (line.go)
//	sentences   what a change is, in words         (words.go, numbers.go)
//	Known       what is known of a number          (known.go)
//	Clean       strings that came from spans       (clean.go)
//
// Whatever came from a span is untrusted: control characters, terminal escapes and markup in it are shown, not obeyed.
package report
