package report

import (
	"math"
	"strings"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// afternoon is when B begins.
var afternoon = time.Date(2026, 11, 21, 14, 0, 0, 0, time.UTC)

// scenarios are diffs as they come out of package compare, by the name of their golden files.
func scenarios() map[string]*compare.Diff {
	return map[string]*compare.Diff{
		"generic_clients": genericClients(), "deployment": deployment(), "errors": failing(), "missing_call": missingCall(),
		"nothing": nothing(), "hostile": hostileNames("GET /\x1b]0;owned\x07\x1b[2J|<img src=x>` @everyone https://evil.example [x](y)\n# x"),
		"long_names": hostileNames(strings.Repeat("x", 10_000)), "lasting": lasting(), "views": views(),
	}
}

// diffOf is a diff of two windows of ten minutes.
func diffOf(causes []compare.Cause, changes ...compare.Change) *compare.Diff {
	d := &compare.Diff{
		A:          compare.Side{SnapshotID: "a", Start: afternoon.Add(-10 * time.Minute), End: afternoon, State: snapshot.Complete, Coverage: snapshot.Coverage{Traces: 4748, Spans: 1_028_821}},
		B:          compare.Side{SnapshotID: "b", Start: afternoon, End: afternoon.Add(10 * time.Minute), State: snapshot.Partial, Coverage: snapshot.Coverage{Traces: 4801, Spans: 28_901, Orphans: 12, Late: 3}},
		Thresholds: compare.DefaultThresholds(), Tests: 286, History: 30, Changes: changes, Causes: causes,
	}
	for i := range d.Causes {
		c := &d.Causes[i]
		m := &d.Changes[c.Main]
		c.Site, c.Measure, c.Share = m.Identity, m.Measure, math.NaN()
		if c.Verdict == "" {
			c.Verdict = m.Verdict
		}
	}
	d.Name("d1", "q1", "previous", afternoon.Add(11*time.Minute))
	return d
}

func all() snapshot.Identity { return snapshot.Identity{Kind: snapshot.Total} }

func service(name string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Service, Value: name}
}

func op(service, value string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: value}
}

func edge(callerService, caller, service, value string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Edge, CallerService: callerService, Caller: caller, Service: service, Value: value}
}

func path(service, value string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Path, Service: service, Value: value, PathID: "aa98ece6fa25ff8f"}
}

func attribute(key, value string) snapshot.Identity {
	return snapshot.Identity{Kind: snapshot.Attribute, Key: key, Value: value}
}

const aTrace = "8f644d423a439ba23e994c81d0d7735e"

// took is a change of latency, in ms.
func took(id snapshot.Identity, a, b float64) compare.Change {
	side := func(ms float64) compare.Absolute {
		ns := ms * 1e6
		return compare.Absolute{
			Spans: 4000, Traces: 4000, Weight: 4000, Rate: 4000. / 600, PerTrace: 1, Mean: ns * 1.1, GeoMean: ns, P50: ns, P95: ns * 2, P99: ns * 3, SelfMean: ns / 2,
		}
	}
	c := compare.Change{
		Identity: id, Measure: compare.Latency, Verdict: compare.Slower, Flagged: true, Effect: b / a, Low: b / a * 0.9, High: b / a * 1.1, P: 1e-9, Q: 1e-7,
		A: side(a), B: side(b), Impact: (b - a) / 100, Exemplars: []string{aTrace},
	}
	if b < a {
		c.Verdict = compare.Faster
	}
	return c
}

// waited is a change of the waiting on a call, in ms.
func waited(id snapshot.Identity, a, b float64) compare.Change {
	c := took(id, a, b)
	c.Measure = compare.Waiting
	c.A.Wait, c.A.GeoWait, c.B.Wait, c.B.GeoWait = a*1.1e6, a*1e6, b*1.1e6, b*1e6
	return c
}

// failed is a change of the share of traces with an error.
func failed(id snapshot.Identity, a, b float64) compare.Change {
	c := took(id, 10, 10)
	c.Measure, c.Verdict, c.Effect, c.Low, c.High, c.Q = compare.Errors, compare.MoreErrors, b-a, b-a-0.005, b-a+0.006, 0.0023
	c.A.ErrorShare, c.A.ErrorTrace, c.B.ErrorShare, c.B.ErrorTrace = a/2, a, b/2, b
	return c
}

// called is a change of the calls per trace.
func called(id snapshot.Identity, a, b float64) compare.Change {
	c := took(id, 10, 10)
	c.Measure, c.Verdict, c.Effect, c.Low, c.High, c.A.PerTrace, c.B.PerTrace = compare.CallRate, compare.MoreCalls, b/a, b/a*0.9, b/a*1.1, a, b
	if b < a {
		c.Verdict = compare.FewerCalls
	}
	return c
}

// came is a change of presence: what takes so many ms is new.
func came(id snapshot.Identity, ms float64) compare.Change {
	c := took(id, ms, ms)
	c.A = compare.Absolute{}
	c.Measure, c.Verdict, c.Effect, c.Low, c.High, c.Q = compare.Presence, compare.New, 0.83, 0.82, 0.84, 0.03
	return c
}

// went is the opposite.
func went(id snapshot.Identity) compare.Change {
	c := came(id, 5)
	c.A, c.B, c.Verdict, c.Effect = c.B, c.A, compare.Missing, -c.Effect
	return c
}

// untested is a group of which too little was seen.
func untested(id snapshot.Identity) compare.Change {
	c := took(id, 12, 13)
	c.Verdict, c.Flagged, c.Effect, c.Low, c.High, c.P, c.Q = compare.NotEnoughData, false, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	return c
}

func same(c compare.Change) compare.Change {
	c.Verdict, c.Flagged, c.Q = compare.Same, false, 0.7
	return c
}

// genericClients: all client spans have one name, and the network to one callee is slow.
func genericClients() *compare.Diff {
	onset := afternoon.Add(3*time.Minute + 20*time.Second)
	return diffOf([]compare.Cause{{Service: "payment", Main: 3, Symptom: 2, Explains: []int{2, 0, 1, 4}, Onset: onset}},
		took(edge("web", "GET /", "web", "HTTP POST"), 6.05, 26.5), took(op("web", "HTTP POST"), 6.05, 26.5), took(op("web", "GET /"), 20.5, 521),
		waited(edge("web", "HTTP POST", "payment", "POST /payment"), 0.99, 501), took(all(), 20.5, 521),
		same(took(op("payment", "POST /payment"), 5, 5.01)), untested(op("web", "GET /admin")),
	)
}

// deployment: a new version calls a service that was not there before.
func deployment() *compare.Diff {
	began := afternoon.Add(3 * time.Minute)
	d := diffOf([]compare.Cause{{Service: "recommender", Main: 0, Symptom: 4, Explains: []int{4, 1, 2, 3, 5, 6, 7}, Onset: began}},
		came(op("recommender", "GET /recommendations"), 24), came(edge("shop", "HTTP GET", "recommender", "GET /recommendations"), 24), came(service("recommender"), 24),
		took(op("shop", "POST /order"), 18, 43), came(path("web", "GET /"), 50), took(op("web", "GET /"), 24, 49), took(op("shop", "HTTP GET"), 6, 12.3),
		called(op("shop", "HTTP GET"), 1, 2),
		same(took(edge("web", "GET /", "shop", "POST /order"), 18, 18)), same(took(edge("shop", "POST /order", "shop", "HTTP GET"), 6, 6)),
	)
	for i := range d.Changes {
		if d.Changes[i].Flagged {
			d.Changes[i].Onset, d.Changes[i].Standing = began, compare.Confirmed
		}
	}
	for i := range 3 { // it was there for seven of ten minutes
		d.Changes[i].B.Rate *= 0.7
	}
	d.A.Versions = []snapshot.Version{{Service: "shop", Version: "1.0.0", Weight: 4000}, {Service: "web", Version: "7", Weight: 4000}}
	d.B.Versions = []snapshot.Version{{Service: "shop", Version: "1.0.0", Weight: 1200}, {Service: "shop", Version: "2.0.0", Weight: 2800}, {Service: "web", Version: "7", Weight: 4000}}
	return d
}

// failing: an operation of a new version fails, and so do its callers; and in a moment of its own another service was slow.
func failing() *compare.Diff {
	return diffOf([]compare.Cause{
		{
			Service: "pay", Main: 1, Symptom: 2, Explains: []int{2, 0}, Onset: afternoon.Add(80 * time.Second),
			Deployed: &compare.Deployment{Service: "pay", From: strings.Repeat("3fa9", 10), To: strings.Repeat("b71c", 10)},
		},
		{Service: "mail", Main: 3, Symptom: -1, Onset: afternoon.Add(4 * time.Minute), Ended: afternoon.Add(4*time.Minute + 30*time.Second)},
	},
		failed(service("pay"), 0.0048, 0.0201), failed(op("pay", "POST /pay"), 0.0048, 0.0201), failed(op("web", "POST /checkout"), 0.0044, 0.019),
		took(op("mail", "send"), 200, 900),
	)
}

// missingCall: a caller does not call any more, which nobody may have wanted.
func missingCall() *compare.Diff {
	return diffOf([]compare.Cause{{Service: "stock", Main: 0, Symptom: 3, Explains: []int{1, 2, 3}, Deployed: &compare.Deployment{Service: "shop", From: "1.0", To: "1.1"}}},
		went(edge("shop", "POST /order", "stock", "GET /stock")), took(op("shop", "POST /order"), 18.3, 11.9), took(all(), 24.4, 18), took(op("web", "GET /"), 24.4, 18),
	)
}

func nothing() *compare.Diff {
	return diffOf(nil, same(took(all(), 20.5, 20.6)), same(failed(op("web", "GET /"), 0.01, 0.0101)), untested(service("mail")), same(called(op("web", "GET /"), 1, 1)))
}

// hostileNames: whatever is in a name, it is a name.
func hostileNames(name string) *compare.Diff {
	return diffOf([]compare.Cause{
		{Service: name, Main: 0, Symptom: 1, Explains: []int{1}, Deployed: &compare.Deployment{Service: name, From: name, To: name}},
		{Service: name, Main: 2, Symptom: -1, Deployed: &compare.Deployment{Service: "other", From: name, To: name}}, {Service: "", Main: 3, Symptom: -1},
	},
		took(op(name, name), 10, 20), failed(edge(name, name, name, name), 0.1, 0.2), waited(edge(name, name, name, name), 1, 10), came(attribute(name, name), 5),
	)
}

// lasting: one change goes on, for one there is no data any more, one is over, and of one nobody knows.
func lasting() *compare.Diff {
	yesterday := afternoon.Add(-19 * time.Hour)
	stood := func(c compare.Change, s compare.Standing, since time.Time) compare.Change {
		c.Standing, c.Since, c.Windows = s, since, 12
		return c
	}
	silent := stood(took(op("mail", "send"), 200, 900), compare.Lasting, yesterday)
	silent.B = compare.Absolute{}
	silent.Effect, silent.Low, silent.High, silent.P, silent.Q = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	gone := stood(same(took(op("cart", "GET /cart"), 12, 12.1)), compare.Cleared, afternoon.Add(-2*time.Hour))
	gone.Reason, gone.Ended = compare.IsGone, afternoon
	replaced := stood(took(service("search"), 100, 150), compare.Cleared, yesterday)
	replaced.Reason = compare.BaselineReplaced
	return diffOf([]compare.Cause{
		{Service: "payment", Main: 0, Symptom: 1, Explains: []int{1}, Onset: afternoon.Add(-10 * time.Minute)},
		{Service: "mail", Main: 2, Symptom: -1, Onset: yesterday},
	},
		stood(waited(edge("web", "HTTP POST", "payment", "POST /payment"), 0.99, 498), compare.Lasting, afternoon.Add(-10*time.Minute)),
		stood(took(op("web", "GET /"), 20.5, 519), compare.Suspected, afternoon), silent, same(took(all(), 20, 20.1)), gone, replaced,
	)
}

// views: causes that are about no service, a likely one, and changes that no cause explains.
func views() *compare.Diff {
	likely := same(took(op("db", "SELECT"), 1, 1.5))
	likely.Q = 0.06
	return diffOf([]compare.Cause{
		{Service: "db", Main: 0, Symptom: -1, Verdict: compare.Slower, Explains: []int{1}},
		{Service: "gateway", Main: 2, Symptom: -1}, {Main: 3, Symptom: -1}, {Main: 4, Symptom: -1}, {Service: "shop", Main: 5, Symptom: -1}, {Service: "stock", Main: 6, Symptom: -1},
		{Service: "db", Main: 7, Symptom: -1},
	},
		likely, took(service("db"), 2, 3), waited(edge("gateway", "HTTP GET", "cart", "GET /cart"), 1, 30), came(attribute("http.response.status_code", "503"), 1),
		took(all(), 20, 23), went(path("shop", "GET /")), came(service("stock"), 3), called(edge("shop", "GET /cart", "db", "SELECT"), 1, 20),
		took(attribute("http.response.status_code", "200"), 20, 23),
	)
}
