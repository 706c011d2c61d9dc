package migrate

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// comments finds those in the text that is replaced. A policy's stand above its rules, others at the top of the section.
func (s *section) comments(p *processor, text string) {
	s.comment = map[*policy][]string{}
	left := commentLines(text)
	take := func(n *yaml.Node, to func(string)) {
		each(n, func(n *yaml.Node) {
			for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
				for line := range strings.SplitSeq(c, "\n") {
					line = strings.TrimSpace(line)
					if i := slices.Index(left, line); i >= 0 && line != "" {
						left = slices.Delete(left, i, i+1)
						to(line)
					}
				}
			}
		})
	}
	for _, q := range s.policies {
		take(q.node, func(c string) { s.comment[q] = append(s.comment[q], c) })
	}
	take(p.key, func(c string) { s.top = append(s.top, c) })
	take(p.value, func(c string) { s.top = append(s.top, c) })
}

// leaveOutComments says which comments there is no place for, within braces.
func (s *section) leaveOutComments(p *processor) {
	for _, c := range s.top {
		s.add(p.key.Line, "comment", Lost, c, "nothing: there is no place for it within braces")
	}
	for _, q := range s.policies {
		for _, c := range s.takeComment(q) {
			s.add(q.line, "comment", Lost, c, "nothing: there is no place for it within braces")
		}
	}
}

// commentLines is what may be comments in a text: whatever follows a number sign. Nodes say which of it is.
func commentLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		for i := range line {
			if line[i] == '#' && (i == 0 || strings.ContainsRune(" \t", rune(line[i-1]))) {
				out = append(out, strings.TrimSpace(line[i:]))
			}
		}
	}
	return out
}
