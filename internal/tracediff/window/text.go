package window

import (
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// longestText is how much of a name or value is kept, in bytes.
const longestText = 256

// appendShown writes a string from a span as it can be stored and shown anywhere: valid UTF-8 without control characters. A
// long one is cut, and ends in a hash of the whole, so that two that begin alike stay two.
func appendShown(dst []byte, s string) []byte {
	if len(s) <= longestText && isPlain(s) {
		return append(dst, s...)
	}
	begin := len(dst)
	for _, r := range s {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			r = utf8.RuneError
		}
		dst = utf8.AppendRune(dst, r)
		if len(dst)-begin > longestText {
			return appendHash(dst[:begin+len(utf8Prefix(dst[begin:], longestText-hashMark))], s)
		}
	}
	return dst
}

// hashMark is the length of what appendHash adds.
const hashMark = len("...") + 16

func appendHash(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, "..."...)
	h := xxhash.Sum64String(s)
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[h>>shift&15])
	}
	return dst
}

// utf8Prefix is the longest prefix of at most n bytes that does not cut a character.
func utf8Prefix(p []byte, n int) []byte {
	for n > 0 && !utf8.RuneStart(p[n]) {
		n--
	}
	return p[:n]
}

// shown is appendShown as a string of its own.
func shown(s string) string {
	if len(s) <= longestText && isPlain(s) {
		return strings.Clone(s)
	}
	return string(appendShown(nil, s))
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
