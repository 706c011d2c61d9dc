package compare_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/test/microservices"
	"github.com/assayhq/assay/test/tracediff/simulation"
)

// named is the place of the first cause of a diff that names a service; 0 where none does.
func named(d *compare.Diff, service string) int {
	return 1 + slices.IndexFunc(d.Causes, func(c compare.Cause) bool { return c.Service == service })
}

// below are operations of a system that are called often and by another service than their own, one of each service.
func below(s *simulation.System) (list []int) {
	calls := s.Calls()
	seen := map[string]bool{}
	for op := range s.Operations {
		service := s.Operations[op].Service
		called := false
		for from := range s.Operations {
			called = called || slices.Contains(s.Callees(from), op) && s.Operations[from].Service != service
		}
		if called && calls[op] >= 0.3 && !seen[service] {
			seen[service] = true
			list = append(list, op)
		}
	}
	return list
}

// However systems are instrumented, behind a gateway or not, the report begins with the service at fault, and has few lines.
func TestCulprits(t *testing.T) {
	for name, o := range map[string]microservices.Options{
		"generic client spans":                    {Clients: microservices.Generic},
		"generic client spans behind a gateway":   {Clients: microservices.Generic, Gateway: true},
		"client spans named after their callee":   {Clients: microservices.Particular},
		"no client spans, and behind one gateway": {Gateway: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Seed, o.Services, o.Endpoints = 11, 8, 6
			s := &scene{simulation.NewSystem(o), simulation.Realistic(), 4000, 0}
			first, three, flagged, all := 0, 0, 0, 0
			ops := below(s.system)
			for n, op := range ops[:max(4, seeds(len(ops)))] {
				service := s.system.Operations[op].Service
				for k, fault := range []simulation.Change{
					simulation.Latency(op, 3), simulation.Delay(service, 50*time.Millisecond, false), simulation.ServiceFailures(service, 0.15, 1),
				} {
					if k == 1 && o.Clients == microservices.NoClients {
						continue // without client spans nobody can say where the time went
					}
					all++
					d := compare.Compare(s.window(100*n+10*k), s.window(100*n+10*k+1, fault), nil, compare.DefaultThresholds())
					rank := named(d, service)
					if len(d.Causes) > 0 {
						flagged++
						assert.LessOrEqual(t, len(d.Causes), 6)
					}
					if rank == 1 {
						first++
					}
					if rank >= 1 && rank <= 3 {
						three++
					}
				}
			}
			assert.GreaterOrEqual(t, all, 8)
			assert.GreaterOrEqual(t, flagged, all*9/10)
			assert.GreaterOrEqual(t, first, flagged*8/10)
			assert.GreaterOrEqual(t, three, flagged*9/10)
		})
	}
}

// A service without enough CPU is slow by itself, and calls to it and from it wait, because it takes and reads them late. It is at fault, not those
// that it calls.
func TestServiceWithoutCPU(t *testing.T) {
	first, all := 0, 0
	for seed := range uint64(6) { // a system has one, two or three such services
		s := &scene{simulation.NewSystem(microservices.Options{Seed: 11 + seed, Services: 8, Endpoints: 6, Clients: microservices.Generic, Gateway: true}), simulation.Realistic(), 4000, 0}
		for n, op := range below(s.system) {
			service := s.system.Operations[op].Service
			calls := false
			for _, to := range s.system.Callees(op) {
				calls = calls || s.system.Operations[to].Service != service
			}
			if !calls {
				continue
			}
			all++
			starved := []simulation.Change{simulation.Contention(service, 3), simulation.Delay(service, 20*time.Millisecond, true)}
			d := compare.Compare(s.window(100*n), s.window(100*n+1, starved...), nil, compare.DefaultThresholds())
			if named(d, service) == 1 {
				first++
			}
		}
	}
	assert.GreaterOrEqual(t, all, 8)
	assert.GreaterOrEqual(t, first, all*8/10)
}

// A new version of a service that calls one which was not there before, and waits for it, is one cause: the new service, with all that got slower
// below it.
func TestDeploymentThatAddsAService(t *testing.T) {
	system := simulation.NewSystem(microservices.Options{Seed: 11, Services: 8, Endpoints: 6, Clients: microservices.Generic})
	fresh := system.AddService("recommender", "Recommend", 30*time.Millisecond)
	s := &scene{system, simulation.Realistic(), 4000, 0}
	caller := system.Endpoints[2] // a fast one
	shop := system.Operations[caller].Service
	release := []simulation.Change{simulation.Deployed(shop, "2"), simulation.Added(caller, fresh, 1)}
	d := compare.Compare(s.window(1), s.window(2, release...), nil, compare.DefaultThresholds())
	require.Len(t, d.Causes, 1)
	c := &d.Causes[0]
	assert.Contains(t, []string{"recommender", shop}, c.Service)
	assert.Equal(t, compare.New, c.Verdict)
	assert.Equal(t, &compare.Deployment{Service: shop, From: "1", To: "2"}, c.Deployed)
	require.GreaterOrEqual(t, c.Symptom, 0)
	assert.Equal(t, s.operation(caller), d.Changes[c.Symptom].Identity)
	assert.Equal(t, compare.Latency, d.Changes[c.Symptom].Measure)
}
