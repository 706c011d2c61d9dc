// Package report writes a diff for people: as text for a terminal, and as Markdown for a pull request.
//
//	Text       tables and sentences          (text.go)
//	Markdown   the same for a comment         (markdown.go)
//	sentences  what a change is, in words     (words.go, numbers.go)
//	clean      strings that came from spans   (clean.go)
//
// Whatever came from a span is untrusted: control characters, terminal escapes and markup in it are shown, not obeyed.
package report
