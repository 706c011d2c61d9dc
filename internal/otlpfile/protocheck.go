package otlpfile

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// kind is a message type of OTLP, as far as it contains others.
type kind uint8

const (
	leaf kind = iota
	tracesData
	resourceSpans
	scopeSpans
	resource
	scope
	span
	event
	link
	keyValue
	anyValue
	arrayValue
	keyValueList
)

// child is the type of field number in a message of type k, and leaf where it is none that contains others.
func child(k kind, number protowire.Number) kind {
	switch {
	case k == tracesData && number == 1:
		return resourceSpans
	case k == resourceSpans && number == 1:
		return resource
	case k == resourceSpans && number == 2:
		return scopeSpans
	case k == scopeSpans && number == 1:
		return scope
	case k == scopeSpans && number == 2:
		return span
	case k == span && number == 11:
		return event
	case k == span && number == 13:
		return link
	case k == resource && number == 1, k == scope && number == 3, k == span && number == 9, k == event && number == 3,
		k == link && number == 4, k == keyValueList && number == 1:
		return keyValue
	case k == keyValue && number == 2, k == arrayValue && number == 1:
		return anyValue
	case k == anyValue && number == 5:
		return arrayValue
	case k == anyValue && number == 6:
		return keyValueList
	default:
		return leaf
	}
}

// checkProto bounds what parsing data will cost: the parser recurses once per level of a nested attribute value, which
// overflows the stack on a hostile file, and an empty message of two bytes becomes a struct of hundreds.
func checkProto(data []byte, maxMessages int) error {
	type level struct {
		kind kind
		end  int
	}
	levels := []level{{tracesData, len(data)}}
	messages := 0
	for pos := 0; len(levels) > 0; {
		top := levels[len(levels)-1]
		if pos >= top.end {
			levels = levels[:len(levels)-1]
			continue
		}
		number, wire, n := protowire.ConsumeTag(data[pos:top.end])
		if n < 0 {
			return protowire.ParseError(n)
		}
		pos += n
		if next := child(top.kind, number); wire == protowire.BytesType && next != leaf {
			size, n := protowire.ConsumeVarint(data[pos:top.end])
			if n < 0 {
				return protowire.ParseError(n)
			}
			if pos += n; size > uint64(top.end-pos) {
				return errors.New("a field is longer than the message around it")
			}
			if messages++; messages > maxMessages {
				return fmt.Errorf("more than %d messages in %d bytes", maxMessages, len(data))
			}
			if len(levels) == maxDepth {
				return errTooDeep
			}
			levels = append(levels, level{next, pos + int(size)})
			continue
		}
		n = protowire.ConsumeFieldValue(number, wire, data[pos:top.end])
		if n < 0 {
			return protowire.ParseError(n)
		}
		pos += n
	}
	return nil
}
