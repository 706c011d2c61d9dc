package migrate

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// edit replaces a part of the text.
type edit struct {
	from, to int // offsets
	text     string
}

// apply makes all edits, which must not overlap.
func (d *document) apply(edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(d.text[at:e.from])
		out.WriteString(e.text)
		at = e.to
	}
	out.Write(d.text[at:])
	return out.Bytes()
}

// lineStarts is where lines begin, by the line breaks of YAML 1.1.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		i += n
		switch r {
		case '\r':
			if i < len(text) && text[i] == '\n' {
				i++
			}
			starts = append(starts, i)
		case '\n', '\u0085', '\u2028', '\u2029':
			starts = append(starts, i)
		}
	}
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		starts[0] = len(byteOrderMark)
	}
	return starts
}

const byteOrderMark = "\ufeff"

// offset of a node. Its column counts characters from 1.
func (d *document) offset(n *yaml.Node) int {
	at := d.lines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(d.text[at:])
		at += size
	}
	return at
}

// lineOf is the line that begins at lines[i], without its break.
func (d *document) lineOf(i int) string {
	end := len(d.text)
	if i+1 < len(d.lines) {
		end = d.lines[i+1]
	}
	return strings.TrimRight(string(d.text[d.lines[i]:end]), "\r\n\u0085\u2028\u2029")
}

func (d *document) lineBreak() string {
	if i := bytes.IndexByte(d.text, '\n'); i > 0 && d.text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// block is the lines that a processor takes: those up to the next node, but for blank lines and comments that stand further left than
// its own, which belong to what follows.
func (d *document) block(p *processor) (first, end int, err error) {
	first = p.key.Line - 1
	indent := p.key.Column - 1
	if strings.TrimSpace(string([]rune(d.lineOf(first))[:indent])) != "" {
		return 0, 0, fmt.Errorf("line %d: %s does not begin its line; write it on one of its own and migrate again", p.key.Line, p.name)
	}
	end = len(d.lines)
	if p.next != nil {
		end = p.next.Line - 1
	}
	for i := first + 1; i < end; i++ {
		if line := d.lineOf(i); line == "..." || strings.HasPrefix(line, "... ") {
			end = i
		}
	}
	for end > first+1 {
		line := d.lineOf(end - 1)
		text := strings.TrimLeft(line, " \t")
		if text != "" && (text[0] != '#' || len(line)-len(text) > indent) {
			break
		}
		end--
	}
	return first, end, nil
}

// replace is the edit that puts the new section in a processor's place.
func (d *document) replace(p *processor, s *section) (edit, error) {
	name, _ := renamed(p.name)
	if p.flow {
		from := d.offset(p.key)
		to, err := d.flowEnd(p)
		if err != nil {
			return edit{}, err
		}
		s.comments(p, string(d.text[from:to]))
		s.leaveOutComments(p)
		return edit{from, to, s.flow(name)}, nil
	}
	first, end, err := d.block(p)
	if err != nil {
		return edit{}, err
	}
	from, to := d.lines[first], len(d.text)
	if end < len(d.lines) {
		to = d.lines[end]
	}
	indent := strings.Repeat(" ", p.key.Column-1)
	step := "  "
	if v := p.value; v.Kind == yaml.MappingNode && v.Style&yaml.FlowStyle == 0 && v.Line > p.key.Line && v.Column > p.key.Column {
		step = strings.Repeat(" ", v.Column-p.key.Column)
	}
	s.comments(p, string(d.text[from:to]))
	br := d.lineBreak()
	text := indent + strings.Join(s.block(name, step), br+indent) + br
	if !bytes.ContainsAny(d.text[to-1:to], "\r\n\u0085\u2028\u2029") {
		text = strings.TrimSuffix(text, br)
	}
	return edit{from, to, text}, nil
}

// flowEnd is where the value of a processor within braces ends: before the comma or brace behind it.
func (d *document) flowEnd(p *processor) (int, error) {
	depth, at := 0, d.offset(p.key)
	var quote byte
	for i := at; i < len(d.text); i++ {
		c := d.text[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && opensQuote(d.text, i):
			quote = c
		case c == '#' && i > 0 && bytes.IndexByte([]byte(" \t\r\n"), d.text[i-1]) >= 0:
			for i+1 < len(d.text) && d.text[i+1] != '\n' && d.text[i+1] != '\r' {
				i++
			}
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}'):
			return at + len(bytes.TrimRight(d.text[at:i], " \t\r\n")), nil
		case c == '}' || c == ']':
			depth--
		}
	}
	return 0, fmt.Errorf("line %d: the end of %s was not found; write it without braces and migrate again", p.key.Line, p.name)
}

// opensQuote tells whether a quotation mark begins a string: within a plain word it is a part of that.
func opensQuote(text []byte, i int) bool {
	before := bytes.TrimRight(text[:i], " \t\r\n")
	if len(before) == 0 || len(before) < i {
		return true // after a space: a plain word would go on, but for the marks below
	}
	return bytes.IndexByte([]byte("{[,:"), before[len(before)-1]) >= 0
}

// references are the edits of the names in pipelines.
func (d *document) references() ([]edit, error) {
	var out []edit
	var err error
	seen := map[*yaml.Node]bool{}
	d.pipelines(func(list *yaml.Node) {
		for _, n := range list.Content {
			n = resolved(n)
			name, ok := renamed(n.Value)
			if !ok || n.Kind != yaml.ScalarNode || seen[n] {
				continue
			}
			seen[n] = true
			from := d.offset(n)
			at := bytes.Index(d.text[from:], []byte(oldType))
			if at < 0 || at > maxDecoration {
				err = fmt.Errorf("line %d: %s is written in a way that cannot be edited; write it plainly and migrate again", n.Line, name)
				return
			}
			out = append(out, edit{from + at, from + at + len(oldType), newType})
		}
	})
	return out, err
}

// maxDecoration is how far behind its node's position a name may begin: after a quotation mark, an anchor or a tag.
const maxDecoration = 64
