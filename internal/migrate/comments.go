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
	for _, c := range unattached(p, text) {
		if i := slices.Index(left, c); i >= 0 {
			left = slices.Delete(left, i, i+1)
			s.top = append(s.top, c)
		}
	}
}

// unattached finds comments by the text alone, for the parser does not tell of all of them. Lines of block scalars are none.
func unattached(p *processor, text string) []string {
	var blocks strings.Builder
	each(p.value, func(n *yaml.Node) {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			blocks.WriteString(n.Value)
		}
	})
	var out []string
	scan([]byte(text), func(int, byte) bool { return true }, func(c string) {
		if c = strings.TrimSpace(c); !strings.Contains(blocks.String(), c) {
			out = append(out, c)
		}
	})
	return out
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
