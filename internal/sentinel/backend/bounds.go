package backend

import (
	"bytes"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// What an answer takes is known before it is decoded, since a short message can become a large one: two bytes are an empty
// ResourceSpans, which takes a hundred times as much in memory.
const (
	// maxDecoded is for some 100,000 spans, the most that a topology may have in a trace.
	maxDecoded = 96 << 20
	// growth is how much more memory than text a trace takes at most: one whose spans have nothing but ids and times takes 5
	// times as much in protobuf, and 3 in JSON.
	growth = 16
	// least is what every answer may take.
	least = 64 << 10
	// deepest is how deep messages may lie in each other. A trace has 6 levels, and values may hold values.
	deepest = 64
)

// object is what one in JSON takes in the mean: most are attributes and their values.
const object = 120

// message is a kind of message in OTLP: its size when decoded, in bytes, pointers to it included, and the messages in its fields.
type message struct {
	size   int
	fields map[protowire.Number]*message
}

// traces is ptrace's message, as opentelemetry-proto's trace.proto and common.proto have it. Entities in resources are not
// followed: these have names only.
var traces = func() *message {
	value := &message{size: 48}
	attribute := &message{size: 48, fields: map[protowire.Number]*message{2: value}}
	list := &message{size: 40, fields: map[protowire.Number]*message{1: value}}
	pairs := &message{size: 40, fields: map[protowire.Number]*message{1: attribute}}
	value.fields = map[protowire.Number]*message{5: list, 6: pairs}
	entity := &message{size: 120}
	resource := &message{size: 80, fields: map[protowire.Number]*message{1: attribute, 3: entity}}
	scope := &message{size: 80, fields: map[protowire.Number]*message{3: attribute}}
	event := &message{size: 100, fields: map[protowire.Number]*message{3: attribute}}
	link := &message{size: 120, fields: map[protowire.Number]*message{4: attribute}}
	span := &message{size: 300, fields: map[protowire.Number]*message{9: attribute, 11: event, 13: link}}
	scopeSpans := &message{size: 160, fields: map[protowire.Number]*message{1: scope, 2: span}}
	resourceSpans := &message{size: 200, fields: map[protowire.Number]*message{1: resource, 2: scopeSpans, 1000: scopeSpans}}
	return &message{fields: map[protowire.Number]*message{1: resourceSpans}}
}()

// boundProto says whether a trace in protobuf is too large to be decoded. It walks the messages and takes no memory.
func boundProto(body []byte) error {
	room := roomFor(len(body))
	return traces.walk(body, &room, deepest)
}

// errBounds is that an answer is no trace of ours, whatever it is.
var errBounds = errors.New("takes more memory than a trace of this length")

func roomFor(length int) int { return min(maxDecoded, least+growth*length) }

// walk takes from room what the messages in body take.
func (m *message) walk(body []byte, room *int, depth int) error {
	if depth == 0 {
		return fmt.Errorf("messages lie in each other deeper than %d", deepest)
	}
	for len(body) > 0 {
		number, kind, n := protowire.ConsumeTag(body)
		if n < 0 {
			return protowire.ParseError(n)
		}
		body = body[n:]
		inner := m.fields[number]
		if kind != protowire.BytesType || inner == nil {
			if n = protowire.ConsumeFieldValue(number, kind, body); n < 0 {
				return protowire.ParseError(n)
			}
			body = body[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(body)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if *room -= inner.size; *room < 0 {
			return errBounds
		}
		if err := inner.walk(content, room, depth-1); err != nil {
			return err
		}
		body = body[n:]
	}
	return nil
}

// boundJSON is the same for JSON, by the number of its braces: a few more than its objects, where text has some.
func boundJSON(body []byte) error {
	if bytes.Count(body, []byte{'{'})*object > roomFor(len(body)) {
		return errBounds
	}
	return nil
}
