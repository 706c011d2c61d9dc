package simulate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/assayhq/assay/internal/tracesketch"
)

const (
	// slowQuantile of the duration is what a slow trace is beyond.
	slowQuantile = 0.99
	// enoughForSlow is how many traces must be alike for that: of fewer, none is beyond the 99th percentile.
	enoughForSlow = 100
)

// slowTraces tells which traces of a recording are slow: those longer than the 99th percentile of the durations on their
// path. Where fewer than 100 were recorded on the path, the percentile is that of their endpoint, the operation of the root;
// of an endpoint with fewer than 100, no trace counts as slow. It goes by recorded ids, which copies share.
func slowTraces(traces []*Trace) map[pcommon.TraceID]bool {
	type path struct {
		endpoint string
		path     tracesketch.Path
	}
	paths, endpoints := map[path]*distribution{}, map[string]*distribution{}
	for _, t := range traces {
		v := t.Duration.Seconds()
		addTo(paths, path{t.Endpoint, t.Path}, v, t.certain())
		addTo(endpoints, t.Endpoint, v, t.certain())
	}
	// Once for each, not for every trace.
	ofPath, ofEndpoint := limits(paths), limits(endpoints)
	slow := map[pcommon.TraceID]bool{}
	for _, t := range traces {
		limit, ok := ofPath[path{t.Endpoint, t.Path}]
		if !ok {
			limit, ok = ofEndpoint[t.Endpoint]
		}
		if ok && t.Duration.Seconds() > limit {
			slow[t.ID] = true
		}
	}
	return slow
}

func addTo[K comparable](m map[K]*distribution, key K, value float64, d drawn) {
	if m[key] == nil {
		m[key] = &distribution{}
	}
	m[key].add(value, d)
}

// limits gives the percentile of those of which there are enough.
func limits[K comparable](m map[K]*distribution) map[K]float64 {
	out := map[K]float64{}
	for key, d := range m {
		if len(d.entries) >= enoughForSlow {
			d.seal()
			out[key] = d.quantile(slowQuantile)
		}
	}
	return out
}
