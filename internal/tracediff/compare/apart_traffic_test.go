package compare

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// tagged is a trace as far as its properties go.
type tagged struct {
	slice  uint32
	weight float64
	failed bool
	values map[string]string
}

// selectionOf sums traces up as the engine does: each is in the group of each of its values once.
func selectionOf(traces []tagged) *snapshot.Snapshot {
	start := time.Unix(1_700_006_400, 0).UTC()
	s := &snapshot.Snapshot{
		ID: "s", Start: start, End: start.Add(10 * time.Minute), Slice: 30 * time.Second, State: snapshot.Complete,
		Total: snapshot.Group{Identity: snapshot.Identity{Kind: snapshot.Total}},
	}
	groups := map[snapshot.Identity]*[20]snapshot.Slice{}
	add := func(id snapshot.Identity, t *tagged) {
		g := groups[id]
		if g == nil {
			g = &[20]snapshot.Slice{}
			groups[id] = g
		}
		one := snapshot.Slice{Spans: 1, Traces: 1, Weight: t.weight, TraceWeight: t.weight, TraceWeight2: t.weight * t.weight}
		if t.failed {
			one.ErrorTraces, one.ErrorTrace, one.ErrorTrace2 = 1, t.weight, t.weight*t.weight
		}
		g[t.slice].Add(&one)
	}
	keys := map[string]bool{}
	for i := range traces {
		t := &traces[i]
		add(s.Total.Identity, t)
		for key, value := range t.values {
			id := snapshot.Identity{Kind: snapshot.Attribute, Key: key, Value: value}
			if key == "service" {
				id = snapshot.Identity{Kind: snapshot.Service, Value: value}
			} else {
				keys[key] = true
			}
			add(id, t)
		}
	}
	for key := range keys {
		s.Keys = append(s.Keys, key)
	}
	for id, slices := range groups {
		g := &snapshot.Group{Identity: id}
		for i, slice := range slices {
			if slice.Traces > 0 {
				slice.Index = uint32(i)
				g.Slices = append(g.Slices, slice)
			}
		}
		if id.Kind == snapshot.Total {
			s.Total = *g
		} else {
			s.Groups = append(s.Groups, g)
		}
	}
	snapshot.Sort(s.Groups)
	return s
}

// weather is how the values of traces come about.
type weather struct {
	traces  int
	bursts  bool    // tenants come in bursts: most traces of a time slice are of few of them
	sampled bool    // with weights of 1 to 50
	share   float64 // of the traces that go to B
}

// traffic has tenants, hosts, versions, routes, things that are seen once, and flags that are rare or nearly always there. What a trace
// has goes with its route in part, and each route has attributes that say the same.
func (w weather) traffic(r *rand.Rand) []tagged {
	var list []tagged
	favourite := make([]int, 20)
	for i := range favourite {
		favourite[i] = r.IntN(60)
	}
	for i := range w.traces {
		t := tagged{slice: uint32(i * 20 / w.traces), weight: 1, failed: r.Float64() < 0.03}
		tenant := int(math.Floor(60 * math.Pow(r.Float64(), 2)))
		if w.bursts && r.Float64() < 0.5 {
			tenant = favourite[t.slice]
		}
		route := r.IntN(12)
		t.values = map[string]string{
			"tenant": strconv.Itoa(tenant), "tenant.plan": strconv.Itoa(tenant % 3), "host": strconv.Itoa(r.IntN(25)), "zone": strconv.Itoa(r.IntN(3)),
			"http.route": strconv.Itoa(route), "code.function": "handle" + strconv.Itoa(route), "method": []string{"GET", "POST"}[route%2],
			"service": "s" + strconv.Itoa(route%4), "payload": strconv.Itoa(r.IntN(w.traces / 3)), "build": strconv.Itoa(r.IntN(2)),
		}
		if r.Float64() < 0.01 {
			t.values["flag"] = "on"
		}
		if r.Float64() < 0.99 {
			t.values["cache"] = "hit"
		}
		if w.sampled {
			t.weight = []float64{1, 1, 2, 10, 50}[r.IntN(5)]
		}
		list = append(list, t)
	}
	return list
}

// split puts each trace on a side.
func split(traces []tagged, inB func(*tagged) bool) (a, b *snapshot.Snapshot) {
	var sides [2][]tagged
	for i := range traces {
		n := 0
		if inB(&traces[i]) {
			n = 1
		}
		sides[n] = append(sides[n], traces[i])
	}
	return selectionOf(sides[0]), selectionOf(sides[1])
}

func nothing(*Property) bool { return false }
