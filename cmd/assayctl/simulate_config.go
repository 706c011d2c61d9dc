package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/processor/smarttailsamplingprocessor"
)

// samplerSource says where the configuration of a sampler comes from.
type samplerSource struct {
	uris      []string
	sets      []string // KEY=VALUE
	processor string   // "": the first smart_tail_sampling
}

// sampler is a valid configuration.
type sampler struct {
	name   string
	engine tailsampling.Config
	dryRun bool
}

const processorsKey = "processors"

// load resolves and validates the configuration. Errors carry the path of what is wrong. note is told what a user may not
// expect.
func (s *samplerSource) load(ctx context.Context, note func(string)) (*sampler, error) {
	factory := smarttailsamplingprocessor.NewFactory()
	cfg := factory.CreateDefaultConfig()
	name := factory.Type().String()
	if len(s.uris)+len(s.sets) > 0 {
		conf, err := s.resolve(ctx)
		if err != nil {
			return nil, err
		}
		if name, err = s.choose(conf, factory.Type(), note); err != nil {
			return nil, err
		}
		sub, err := conf.Sub(processorsKey + confmap.KeyDelimiter + name)
		if err == nil {
			err = sub.Unmarshal(cfg)
		}
		if err != nil {
			return nil, fmt.Errorf("%s::%s: %w", processorsKey, name, err)
		}
	}
	if err := confmap.Validate(cfg); err != nil {
		return nil, below(processorsKey+confmap.KeyDelimiter+name, err)
	}
	for _, advice := range cfg.(*smarttailsamplingprocessor.Config).Advice() {
		note(processorsKey + confmap.KeyDelimiter + name + confmap.KeyDelimiter + advice)
	}
	engine, err := cfg.(*smarttailsamplingprocessor.Config).Engine(componenttest.NewNopTelemetrySettings(), nil)
	if err != nil {
		return nil, below(processorsKey+confmap.KeyDelimiter+name, err)
	}
	out := &sampler{name: name, engine: engine, dryRun: engine.DryRun}
	if out.dryRun {
		note("dry_run is on: a running processor would decide like this, and forward everything")
		out.engine.DryRun = false
	}
	return out, nil
}

// resolve reads the configuration as the collector does.
func (s *samplerSource) resolve(ctx context.Context) (*confmap.Conf, error) {
	uris := slices.Clone(s.uris)
	for _, set := range s.sets {
		key, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: must be KEY=VALUE, as in processors::smart_tail_sampling::baseline=0.1", set)
		}
		// Dots separate keys too, as in the collector.
		uris = append(uris, "yaml:"+strings.ReplaceAll(strings.TrimSpace(key), ".", confmap.KeyDelimiter)+": "+strings.TrimSpace(value))
	}
	r, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs: uris,
		ProviderFactories: []confmap.ProviderFactory{
			fileprovider.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory(),
		},
		DefaultScheme: "env",
	})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	conf, err := r.Resolve(ctx)
	if err = errors.Join(err, r.Shutdown(ctx)); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return conf, nil
}

// choose finds the processor to simulate: that of --processor, else the first one in a traces pipeline, else the first.
func (s *samplerSource) choose(conf *confmap.Conf, typ component.Type, note func(string)) (string, error) {
	processors, err := conf.Sub(processorsKey)
	if err != nil {
		return "", fmt.Errorf("%s: %w", processorsKey, err)
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(processors.ToStringMap())) {
		var id component.ID
		if err := id.UnmarshalText([]byte(name)); err == nil && id.Type() == typ {
			names = append(names, name)
		}
	}
	if s.processor != "" {
		if !slices.Contains(names, s.processor) {
			return "", fmt.Errorf("--processor %s: the configuration has no such %s; it has %s", s.processor, typ, listed(names))
		}
		return s.processor, nil
	}
	if len(names) == 0 {
		return "", fmt.Errorf("%s: the configuration has no %s; without --config the defaults are simulated", processorsKey, typ)
	}
	chosen := names[0]
	for _, used := range tracesPipelines(conf) {
		if slices.Contains(names, used) {
			chosen = used
			break
		}
	}
	if len(names) > 1 {
		note(fmt.Sprintf("simulating %s of %s; --processor chooses another", chosen, listed(names)))
	}
	return chosen, nil
}

// tracesPipelines lists the processors of all traces pipelines, in the order of the pipelines' names.
func tracesPipelines(conf *confmap.Conf) []string {
	var shape struct {
		Service struct {
			Pipelines map[string]struct {
				Processors []string `mapstructure:"processors"`
			} `mapstructure:"pipelines"`
		} `mapstructure:"service"`
	}
	if err := conf.Unmarshal(&shape, confmap.WithIgnoreUnused()); err != nil {
		return nil // the service section is none of our business
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(shape.Service.Pipelines)) {
		if name == "traces" || strings.HasPrefix(name, "traces/") {
			out = append(out, shape.Service.Pipelines[name].Processors...)
		}
	}
	return out
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// below puts a path in front of every error of a joined one.
func below(path string, err error) error {
	var errs []error
	for _, e := range parts(err) {
		errs = append(errs, fmt.Errorf("%s::%w", path, e))
	}
	return errors.Join(errs...)
}

// parts takes joined errors apart. Only joined ones: what else an error wraps belongs to its text.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, parts(e)...)
		}
		return out
	}
	if inner := errors.Unwrap(err); inner != nil && inner.Error() == err.Error() {
		return parts(inner) // confmap puts an empty path around
	}
	return []error{err}
}
