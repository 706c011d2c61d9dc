package topology

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.yaml.in/yaml/v3"
)

// maxDepth is how deep lists and mappings may be nested: whoever receives them may have a limit too.
const maxDepth = 16

// fill copies a value of a file. Lists and mappings keep the order of the file.
func fill(to pcommon.Value, node *yaml.Node, depth int) error {
	switch {
	case depth > maxDepth:
		return fmt.Errorf("lists and mappings can be nested %d deep", maxDepth)
	case node.Kind == yaml.AliasNode:
		return errors.New("write the value out, aliases are not followed here")
	case node.Kind == yaml.SequenceNode && node.ShortTag() == "!!seq":
		list := to.SetEmptySlice()
		for _, n := range node.Content {
			if err := fill(list.AppendEmpty(), n, depth+1); err != nil {
				return err
			}
		}
	case node.Kind == yaml.MappingNode && node.ShortTag() == "!!map":
		m := to.SetEmptyMap()
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode {
				return errors.New("a name must be a string")
			}
			if _, ok := m.Get(key.Value); ok {
				return fmt.Errorf("%q is set twice", key.Value)
			}
			if err := fill(m.PutEmpty(key.Value), node.Content[i+1], depth+1); err != nil {
				return err
			}
		}
	case node.Kind == yaml.ScalarNode:
		return fillScalar(to, node)
	default:
		return fmt.Errorf("%s is not known here; only !one_of and !between, outermost", node.ShortTag())
	}
	return nil
}

func fillScalar(to pcommon.Value, node *yaml.Node) error {
	var raw any
	switch tag := node.ShortTag(); tag {
	case "!!binary":
		data, err := base64.StdEncoding.DecodeString(node.Value)
		if err != nil {
			return fmt.Errorf("!!binary must be base64: %w", err)
		}
		to.SetEmptyBytes().FromRaw(data)
		return nil
	case "!!str", "!!int", "!!bool", "!!float":
		if err := node.Decode(&raw); err != nil {
			return fmt.Errorf("%w", err)
		}
	}
	switch v := raw.(type) {
	case string:
		to.SetStr(v)
	case bool:
		to.SetBool(v)
	case int:
		to.SetInt(int64(v))
	case int64:
		to.SetInt(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("must be a finite number, got %s", node.Value)
		}
		to.SetDouble(v)
	default:
		return fmt.Errorf("must be a string, a number of 64 bits, true or false, got %s %q; quote what is meant as a string",
			node.ShortTag(), node.Value)
	}
	return nil
}
