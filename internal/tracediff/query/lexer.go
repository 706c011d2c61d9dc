package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind tells tokens apart.
type tokenKind uint8

const (
	endToken      tokenKind = iota
	wordToken               // a key, a keyword, true, 12, 250ms
	stringToken             // between quotes; text holds what it stands for
	operatorToken           // = != > >= < <=
	openToken               // (
	closeToken              // )
	commaToken
)

// token is a piece of a query.
type token struct {
	kind tokenKind
	text string
	at   int // byte offset
	end  int
}

// is tells whether the token is a keyword, in any case.
func (t token) is(keyword string) bool {
	return t.kind == wordToken && strings.EqualFold(t.text, keyword)
}

// lexer cuts a query into tokens.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.at:])
		if !unicode.IsSpace(r) {
			break
		}
		l.at += n
	}
	if l.at == len(l.text) {
		return token{kind: endToken, at: l.at, end: l.at}, nil
	}
	switch c := l.text[l.at]; c {
	case '(':
		return l.take(openToken, 1), nil
	case ')':
		return l.take(closeToken, 1), nil
	case ',':
		return l.take(commaToken, 1), nil
	case '"', '\'':
		return l.quoted(c)
	}
	for _, o := range [...]struct{ written, means string }{
		{"==", "="}, {"!=", "!="}, {"<>", "!="}, {">=", ">="}, {"<=", "<="}, {"=", "="}, {">", ">"}, {"<", "<"},
	} {
		if strings.HasPrefix(l.text[l.at:], o.written) {
			t := l.take(operatorToken, len(o.written))
			t.text = o.means
			return t, nil
		}
	}
	n := 0
	for at := l.at; at < len(l.text); {
		r, size := utf8.DecodeRuneInString(l.text[at:])
		if !isWord(r) {
			break
		}
		at += size
		n += size
	}
	if n == 0 {
		_, size := utf8.DecodeRuneInString(l.text[l.at:])
		return token{}, l.fails(l.at, "a key, a value, an operator or a parenthesis", quoted(l.text[l.at:l.at+size]))
	}
	return l.take(wordToken, n), nil
}

// isWord tells which characters may stand in a key without quotes. A colon may, as in db:statement; brackets may not, so
// that an OTTL path is not mistaken for a key.
func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.-/:@$+*", r))
}

func (l *lexer) take(kind tokenKind, n int) token {
	t := token{kind: kind, text: l.text[l.at : l.at+n], at: l.at, end: l.at + n}
	l.at += n
	return t
}

// quoted reads a string up to the quote that it begins with. A backslash takes the next character as it is.
func (l *lexer) quoted(quote byte) (token, error) {
	start := l.at
	var b strings.Builder
	for at := start + 1; at < len(l.text); at++ {
		switch c := l.text[at]; {
		case c == quote:
			l.at = at + 1
			return token{kind: stringToken, text: b.String(), at: start, end: l.at}, nil
		case c == '\\' && at+1 < len(l.text):
			at++
			b.WriteByte(l.text[at])
		default:
			b.WriteByte(c)
		}
	}
	return token{}, l.fails(len(l.text), "a closing quote for the string that begins at column "+itoa(column(l.text, start)), "the end of the query")
}

func (l *lexer) fails(at int, expected, got string) error {
	return &SyntaxError{Column: column(l.text, at), Expected: expected, Got: got}
}
