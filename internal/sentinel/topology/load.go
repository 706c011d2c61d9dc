package topology

import (
	"bytes"
	_ "embed" // for the built-in topology
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Shop is the name of the built-in topology.
const Shop = builtin + "shop"

const builtin = "builtin:"

//go:embed shop.yaml
var shop []byte

// MaxBytes is the size of the largest file that is read.
const MaxBytes = 1 << 20

// Load reads "builtin:shop", or the YAML file at a path. The error lists all that is wrong with it.
func Load(name string) (*Topology, error) {
	if name == Shop {
		return Parse(name, shop)
	}
	if strings.HasPrefix(name, builtin) {
		return nil, fmt.Errorf("there is no built-in topology %q; it is %q, or the path of a YAML file", name, Shop)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the topology cannot be read: %s is no file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the topology cannot be read: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("the topology cannot be read: %w", err)
	}
	return Parse(name, text)
}

// Parse reads the text of a topology. The name appears in errors.
func Parse(name string, text []byte) (*Topology, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%s: must have at most %d bytes", name, MaxBytes)
	}
	var f file
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: must be one YAML document", name)
	}
	b := builder{topology: &Topology{Name: name, Text: text}}
	b.build(&f)
	if len(b.problems) > 0 {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(b.problems...))
	}
	return b.topology, nil
}
