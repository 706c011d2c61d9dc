// Package legs finds the ways on which traces leave a collector, and says which of them nobody watches: a sentinel's exporter sees what
// arrives at the end of a pipeline, and nothing of what another exporter beside it, its network or its backend loses.
//
//	receivers ─▶ pipeline ─┬─▶ sentinel          a vantage
//	                       ├─▶ forward ─▶ ...    another pipeline
//	                       ├─▶ debug             keeps nothing
//	                       └─▶ otlp_grpc         a leg: watched if a backend that is looked up lies behind it
package legs

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// Leg is an exporter of a pipeline of traces, whose losses nobody sees.
type Leg struct {
	Pipeline string
	Exporter string
	Why      string
}

// Backend is where the sentinel looks stored traces up.
type Backend struct {
	Name      string
	Exporters []string // that lead there; none: the one of its name, as otlp/tempo, or the only one that there is
}

// Types of exporters behind which no backend can be.
var (
	keepNothing = []string{"sentinel", "debug", "nop", "trace_diff"} // of the traces themselves
	keepHere    = []string{"file"}
)

// pipeline is a pipeline of traces.
type pipeline struct {
	Receivers []string `mapstructure:"receivers"`
	Exporters []string `mapstructure:"exporters"`
	reached   bool     // by traces of a sentinel
}

// Unwatched returns the legs of a collector's configuration that no backend watches, by pipeline and exporter. It fails where a backend names
// an exporter that none of the sentinel's traces come to.
func Unwatched(conf *confmap.Conf, backends []Backend) ([]Leg, error) {
	var c struct {
		Connectors map[string]any `mapstructure:"connectors"`
		Service    struct {
			Pipelines map[string]*pipeline `mapstructure:"pipelines"`
		} `mapstructure:"service"`
	}
	if err := conf.Unmarshal(&c, confmap.WithIgnoreUnused()); err != nil {
		return nil, fmt.Errorf("the pipelines of the collector: %w", err)
	}
	var names []string
	for name, p := range c.Service.Pipelines {
		if p != nil && typeOf(name) == "traces" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	reach(c.Service.Pipelines, names, c.Connectors)
	var all []Leg
	reached := map[string]bool{}
	for _, name := range names {
		p := c.Service.Pipelines[name]
		for _, exporter := range p.Exporters {
			if _, connects := c.Connectors[exporter]; connects || slices.Contains(keepNothing, typeOf(exporter)) {
				continue
			}
			leg := Leg{Pipeline: name, Exporter: exporter, Why: "no backend says that this exporter leads to it"}
			switch {
			case !p.reached:
				leg.Why = "no trace of a sentinel goes through this pipeline"
			case len(backends) == 0:
				leg.Why = "there is no backend to look traces up in"
			}
			reached[exporter] = reached[exporter] || p.reached
			all = append(all, leg)
		}
	}
	watched := map[string]bool{}
	for _, b := range backends {
		exporters, err := b.behind(reached)
		if err != nil {
			return nil, err
		}
		for _, exporter := range exporters {
			watched[exporter] = true
		}
	}
	return slices.DeleteFunc(all, func(l Leg) bool { return watched[l.Exporter] && c.Service.Pipelines[l.Pipeline].reached }), nil
}

// behind returns the exporters that lead to a backend. reached are all exporters that are legs, and whether the sentinel's traces come there.
func (b *Backend) behind(reached map[string]bool) ([]string, error) {
	for _, exporter := range b.Exporters {
		if !reached[exporter] {
			return nil, fmt.Errorf("backends::%s::exporters: no pipeline of traces brings those of a sentinel to %q", b.Name, exporter)
		}
	}
	if len(b.Exporters) > 0 {
		return b.Exporters, nil
	}
	var candidates []string
	for exporter, is := range reached {
		if !is || slices.Contains(keepHere, typeOf(exporter)) {
			continue
		}
		if exporter == b.Name || strings.HasSuffix(exporter, "/"+b.Name) {
			return []string{exporter}, nil
		}
		candidates = append(candidates, exporter)
	}
	if len(candidates) == 1 {
		return candidates, nil
	}
	return nil, nil
}

// reach marks the pipelines through which traces of a sentinel go: one of this collector sends into them, or is to judge there what comes
// from elsewhere, or a connector leads on from such a one.
func reach(pipelines map[string]*pipeline, names []string, connectors map[string]any) {
	isSentinel := func(id string) bool { return typeOf(id) == "sentinel" }
	var next []string
	for _, name := range names {
		if p := pipelines[name]; slices.ContainsFunc(p.Receivers, isSentinel) || slices.ContainsFunc(p.Exporters, isSentinel) {
			next = append(next, name)
		}
	}
	for len(next) > 0 {
		p := pipelines[next[0]]
		next = next[1:]
		if p.reached {
			continue
		}
		p.reached = true
		for _, exporter := range p.Exporters {
			if _, connects := connectors[exporter]; !connects {
				continue
			}
			for _, name := range names {
				if slices.Contains(pipelines[name].Receivers, exporter) {
					next = append(next, name)
				}
			}
		}
	}
}

// typeOf is the type in a component's or pipeline's name.
func typeOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return kind
}
