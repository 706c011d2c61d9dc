package compare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Two faults in requests that have nothing in common but a gateway, and the name of its spans of clients, are two causes, and each has
// the requests that it is in.
func TestUnrelatedFaultsBehindOneNameOfClients(t *testing.T) {
	list := func(own time.Duration, fails float64) task {
		return task{service: "gw", name: "GET /list", own: own, fails: fails, calls: []task{{service: "shop", name: "list", own: 5 * ms}}}
	}
	buy := func(own time.Duration, fails float64) task {
		return task{service: "gw", name: "GET /buy", own: 2 * ms, calls: []task{{service: "pay", name: "pay", own: own, fails: fails}}}
	}
	for _, tt := range []struct {
		name      string
		list, buy task
	}{
		{"slower", list(65*ms, 0.003), buy(30*ms, 0.003)},
		{"more errors", list(5*ms, 0.25), buy(5*ms, 0.06)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := compared(t, either(0.5, list(5*ms, 0.003), buy(5*ms, 0.003)), either(0.5, tt.list, tt.buy))
			require.Len(t, d.Causes, 2)
			assert.Equal(t, "gw", d.Causes[0].Service)
			assert.Equal(t, "pay", d.Causes[1].Service)
			for i, entry := range []string{"GET /list", "GET /buy"} {
				for _, c := range under(d, i) {
					if c.Kind == snapshot.Operation && c.Service == "gw" && c.Value != "HTTP POST" {
						assert.Equal(t, entry, c.Value, "cause %d", i)
					}
				}
			}
			assert.Equal(t, "GET /buy", d.Changes[d.Causes[1].Symptom].Value)
		})
	}
}
