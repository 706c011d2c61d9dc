package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/smarttailsampling"
)

// check tells whether an output is the input but for the processors and their names, and whether smart_tail_sampling takes them. It
// would be a fault of this package if not.
func (d *document) check(out []byte, ps []*processor) error {
	var before, after map[string]any
	if err := d.root.Decode(&before); err != nil {
		return err
	}
	if err := yaml.Unmarshal(out, &after); err != nil {
		return fmt.Errorf("the result would not be YAML, please report it: %w", err)
	}
	olds, _ := before["processors"].(map[string]any)
	news, _ := after["processors"].(map[string]any)
	for _, p := range ps {
		name, _ := renamed(p.name)
		section, ok := news[name].(map[string]any)
		if !ok {
			return fmt.Errorf("the result would have no %s, please report it", name)
		}
		if err := valid(section); err != nil {
			return fmt.Errorf("%s would not be valid, please report it: %w", name, err)
		}
		delete(news, name)
		delete(olds, p.name)
	}
	rename(before)
	if !reflect.DeepEqual(before, after) {
		return errors.New("the result would change more than tail_sampling, please report it")
	}
	return nil
}

// rename does to the input what the edits of references do.
func rename(config map[string]any) {
	service, _ := config["service"].(map[string]any)
	pipelines, _ := service["pipelines"].(map[string]any)
	for _, p := range pipelines {
		pipeline, _ := p.(map[string]any)
		list, _ := pipeline["processors"].([]any)
		for i, v := range list {
			if s, ok := v.(string); ok {
				if name, ok := renamed(s); ok {
					list[i] = name
				}
			}
		}
	}
}

// valid tells whether smart_tail_sampling takes a section. One that refers to the environment cannot be judged here.
func valid(section map[string]any) error {
	text, err := yaml.Marshal(section)
	if err != nil {
		return err
	}
	if bytes.Contains(text, []byte("${")) {
		return nil
	}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(string(text), "$$", "$")), &section); err != nil {
		return err
	}
	cfg := smarttailsampling.DefaultConfig()
	if err := confmap.NewFromStringMap(section).Unmarshal(cfg); err != nil {
		return err
	}
	return cfg.Validate()
}
