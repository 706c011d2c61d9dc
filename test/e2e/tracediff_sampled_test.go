package e2e

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestSamplerInFront lets smart_tail_sampling thin the traces before they are compared: what it keeps stands for all of them,
// and steady traffic does not seem to change, although the sampler learns meanwhile what is worth keeping.
func TestSamplerInFront(t *testing.T) {
	t.Parallel()
	queries := section{"queries": []any{section{"name": "all", "query": `service != ""`, "group_by": []string{"http.status_code"}}}}
	d := startDiffer(t, section{"dsn": filepath.Join(t.TempDir(), "history.db")}, queries, section{
		"processors": section{"smart_tail_sampling": section{
			"budget": section{"percentage": 25}, "completion": section{"initial_wait": "500ms", "max_wait": "2s"},
		}},
		"service": section{"pipelines": section{"traces": section{"processors": []string{"smart_tail_sampling"}}}},
	})
	for seed := range byte(4) {
		d.fill(t, seed+1, 10*time.Millisecond, 200, 200, 200, 503)
	}
	var full []seedSnapshot
	eventually(t, "four windows", 60*time.Second, func() bool {
		var list []seedSnapshot
		d.ask(t, http.MethodGet, "/api/snapshots?state=complete", nil, &list)
		full = slices.DeleteFunc(list, func(s seedSnapshot) bool { return s.Coverage.Traces == 0 })
		return len(full) >= 4
	})
	for _, s := range full {
		assert.Less(t, s.Coverage.Traces, 640, "thinned")
	}
	var diffs []seedDiff
	d.ask(t, http.MethodGet, "/api/diffs", nil, &diffs)
	compared := 0
	for _, diff := range diffs {
		if slices.ContainsFunc(full, func(s seedSnapshot) bool { return s.Link == diff.LinkA }) &&
			slices.ContainsFunc(full, func(s seedSnapshot) bool { return s.Link == diff.LinkB }) {
			compared++
			assert.Zero(t, diff.Flagged, "%+v", diff)
		}
	}
	assert.GreaterOrEqual(t, compared, 3)
	d.stop(t)
}
