package topology

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.yaml.in/yaml/v3"
)

// Attribute is a key and the values that it may have. A plain value in a file is one value; !one_of [a, b] is several, of
// which each span draws one; !between [1, 9] is any integer from the first to the last; !!binary is bytes.
type Attribute struct {
	Key       string
	values    []Value
	low, high int64 // of !between, where values is empty
}

// Value is a value of an attribute.
type Value struct {
	kind   pcommon.ValueType
	text   string
	bits   int64         // Int, Bool, or the bits of a Double
	nested pcommon.Value // Slice, Map or Bytes
}

// Text makes an attribute with a string.
func Text(key, value string) Attribute {
	return Attribute{Key: key, values: []Value{{kind: pcommon.ValueTypeStr, text: value}}}
}

// Draws says whether the value depends on the random bits.
func (a *Attribute) Draws() bool { return len(a.values) != 1 }

// Put appends the attribute, with the value that 64 random bits stand for, to a map that does not have the key yet.
func (a *Attribute) Put(to pcommon.Map, bits uint64) {
	switch len(a.values) {
	case 0:
		to.PutInt(a.Key, a.low+int64(bits%uint64(a.high-a.low+1)))
	case 1:
		a.values[0].put(to, a.Key)
	default:
		a.values[bits%uint64(len(a.values))].put(to, a.Key)
	}
}

func (v *Value) put(to pcommon.Map, key string) {
	switch v.kind {
	case pcommon.ValueTypeStr:
		to.PutStr(key, v.text)
	case pcommon.ValueTypeInt:
		to.PutInt(key, v.bits)
	case pcommon.ValueTypeBool:
		to.PutBool(key, v.bits != 0)
	case pcommon.ValueTypeDouble:
		to.PutDouble(key, math.Float64frombits(uint64(v.bits)))
	default:
		v.nested.CopyTo(to.PutEmpty(key))
	}
}

// attributes are read in the order of the file.
type attributes []Attribute

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *attributes) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return atLine(node, "attributes must be a mapping of names to values")
	}
	seen := map[string]int{}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			return atLine(key, "the name of an attribute must be a string that is not empty")
		}
		if first, ok := seen[key.Value]; ok {
			return atLine(key, "attribute %q is set in line %d already", key.Value, first)
		}
		seen[key.Value] = key.Line
		read, err := newAttribute(key.Value, node.Content[i+1])
		if err != nil {
			return err
		}
		*a = append(*a, read)
	}
	return nil
}

func newAttribute(key string, node *yaml.Node) (Attribute, error) {
	a := Attribute{Key: key}
	switch node.Tag {
	case "!one_of":
		if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
			return a, atLine(node, "attribute %q: !one_of must have a list of values, such as !one_of [gold, silver]", key)
		}
		for _, n := range node.Content {
			v, err := newValue(key, n)
			if err != nil {
				return a, err
			}
			a.values = append(a.values, v)
		}
	case "!between":
		var bounds []int64
		node.Tag = ""
		if err := node.Decode(&bounds); err != nil || len(bounds) != 2 || bounds[0] >= bounds[1] || bounds[0] < math.MinInt32 || bounds[1] > math.MaxInt32 {
			return a, atLine(node, "attribute %q: !between must have two integers of 32 bits, the lower one first, such as !between [1, 9]", key)
		}
		a.low, a.high = bounds[0], bounds[1]
	default:
		v, err := newValue(key, node)
		if err != nil {
			return a, err
		}
		a.values = []Value{v}
	}
	return a, nil
}

func newValue(key string, node *yaml.Node) (Value, error) {
	full := pcommon.NewValueEmpty()
	if err := fill(full, node, 0); err != nil {
		return Value{}, atLine(node, "attribute %q: %v", key, err)
	}
	v := Value{kind: full.Type()}
	switch v.kind {
	case pcommon.ValueTypeStr:
		v.text = full.Str()
	case pcommon.ValueTypeInt:
		v.bits = full.Int()
	case pcommon.ValueTypeDouble:
		v.bits = int64(math.Float64bits(full.Double()))
	case pcommon.ValueTypeBool:
		if full.Bool() {
			v.bits = 1
		}
	default:
		v.nested = full
	}
	return v, nil
}
