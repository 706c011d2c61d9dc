package tracesketch

import "strings"

// placeholder stands for a part of a name that identifies one request rather than an operation.
const placeholder = '*'

// minHexID is the length from which a token of hexadecimal digits counts as an identifier. Shorter ones are often words
// ("added", "cafe", "face").
const minHexID = 8

// minMixedID is the length from which a token that mixes letters and digits counts as an identifier.
const minMixedID = 16

// NormalizeName replaces the parts of a span name that look like numbers, hexadecimal ids, hashes or UUIDs by '*', so that
// a raw URL does not make an operation of its own: "GET /cart/8f3c2a91d0/item/42" becomes "GET /cart/*/item/*". Tokens are
// runs of ASCII letters and digits, everything else separates them; a query string is cut off. Version tokens such as "v1"
// and names such as "http2" stay. A name without such parts is returned as it is, without allocation.
func NormalizeName(name string) string {
	if q := queryStart(name); q >= 0 {
		name = name[:q]
	}
	if !mayHoldID(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		end := tokenEnd(name, i)
		switch {
		case end == i: // a separator
			b.WriteByte(name[i])
			i++
		case startsWithUUID(name[i:]):
			b.WriteByte(placeholder)
			i += uuidLength
		case looksLikeID(name[i:end]):
			b.WriteByte(placeholder)
			i = idEnd(name, end)
		default:
			b.WriteString(name[i:end])
			i = end
		}
	}
	if s := b.String(); s != name {
		return s
	}
	return name
}

// tokenEnd returns the end of the run of letters and digits that starts at i; i itself where there is none.
func tokenEnd(name string, i int) int {
	for i < len(name) && isWord(name[i]) {
		i++
	}
	return i
}

const uuidLength = 36

// startsWithUUID wants the whole form 8-4-4-4-12: one group in fifty is all letters and looks like a word.
func startsWithUUID(s string) bool {
	if len(s) < uuidLength || len(s) > uuidLength && isWord(s[uuidLength]) {
		return false
	}
	for i := range uuidLength {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHex(s[i]) {
				return false
			}
		}
	}
	return true
}

// idEnd extends an identifier that ends at i over further ones joined to it by dashes: "2024-11-21" is one identifier, not three.
func idEnd(name string, i int) int {
	for i < len(name) && name[i] == '-' {
		end := tokenEnd(name, i+1)
		if end == i+1 || !looksLikeID(name[i+1:end]) {
			break
		}
		i = end
	}
	return i
}

// queryStart finds the '?' of a URL query; a name that merely contains a question mark in prose keeps it.
func queryStart(name string) int {
	q := strings.IndexByte(name, '?')
	if q > 0 && strings.IndexByte(name[q:], '=') > 0 && strings.IndexByte(name[:q], '/') >= 0 {
		return q
	}
	return -1
}

// mayHoldID is a cheap filter: identifiers have a digit, or are eight or more hexadecimal letters.
func mayHoldID(name string) bool {
	hexRun := 0
	for i := range len(name) {
		c := name[i]
		if c >= '0' && c <= '9' {
			return true
		}
		if isHex(c) {
			if hexRun++; hexRun >= minHexID {
				return true
			}
		} else {
			hexRun = 0
		}
	}
	return false
}

func looksLikeID(token string) bool {
	digits, hex := 0, true
	for i := range len(token) {
		c := token[i]
		if c >= '0' && c <= '9' {
			digits++
		}
		hex = hex && isHex(c)
	}
	switch {
	case digits == len(token):
		return true
	case hex && len(token) >= minHexID && (digits > 0 || len(token) >= minMixedID):
		return true
	case hex && digits > 0 && len(token) >= 4 && len(token)%4 == 0:
		return true // the short groups of a UUID
	default:
		return len(token) >= minMixedID && digits*5 >= len(token)
	}
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
