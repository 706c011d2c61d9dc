package api

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// waiting is a diff in which a service waits for its network, which its caller feels; one more change is over, and of one nothing is
// known.
func waiting() *store.Diff {
	side := func(ms float64) compare.Absolute {
		return compare.Absolute{Spans: 100, Traces: 90, Weight: 100, Rate: 100. / 600, PerTrace: 1, Mean: ms * 1e6, GeoMean: ms * 1e6, ErrorShare: 0.01, ErrorTrace: 0.02}
	}
	slower := func(id snapshot.Identity, a, b float64) compare.Change {
		return compare.Change{
			Identity: id, Measure: compare.Latency, Verdict: compare.Slower, Flagged: true, A: side(a), B: side(b), Effect: b / a, Low: b / a * 0.9, High: b / a * 1.1,
			Exemplars: []string{"ab"}, Standing: compare.Lasting, Since: noon.Add(time.Minute), Windows: 3,
		}
	}
	wait := slower(snapshot.Identity{Kind: snapshot.Edge, CallerService: "web", Caller: "HTTP POST", Service: "pay", Value: "POST /pay"}, 1, 2)
	wait.Fading = true
	wait.Measure, wait.A.Wait, wait.A.GeoWait, wait.B.Wait, wait.B.GeoWait = compare.Waiting, 1.1e6, 1e6, 600e6, 500e6
	silent := slower(snapshot.Identity{Kind: snapshot.Operation, Service: "mail", Value: "send"}, 1, 2)
	silent.Verdict, silent.Flagged, silent.Standing, silent.Since, silent.B = compare.NotEnoughData, false, "", time.Time{}, compare.Absolute{}
	silent.Effect, silent.Low, silent.High, silent.P, silent.Q = math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()
	gone := slower(snapshot.Identity{Kind: snapshot.Operation, Service: "cart", Value: "GET /cart"}, 5, 5)
	gone.Verdict, gone.Flagged, gone.Standing, gone.Reason, gone.Ended = compare.Same, false, compare.Cleared, compare.IsGone, noon.Add(10*time.Minute)
	web := slower(snapshot.Identity{Kind: snapshot.Operation, Service: "web", Value: "GET /"}, 20, 520)
	d := &store.Diff{Keys: []string{"operation"}, Diff: compare.Diff{
		A: compare.Side{SnapshotID: "s1", Start: noon, End: noon.Add(10 * time.Minute), State: snapshot.Complete},
		B: compare.Side{
			SnapshotID: "s2", Start: noon.Add(10 * time.Minute), End: noon.Add(20 * time.Minute), State: snapshot.Complete,
			Versions: []snapshot.Version{{Service: "pay", Version: "2", Weight: 9}},
		},
		Thresholds: compare.DefaultThresholds(), Changes: []compare.Change{web, wait, silent, gone},
		Causes: []compare.Cause{{
			Service: "pay", Site: wait.Identity, Measure: compare.Waiting, Verdict: compare.Slower, Main: 1, Symptom: 0, Explains: []int{0}, Share: math.NaN(),
			Onset: noon.Add(time.Minute), Deployed: &compare.Deployment{Service: "pay", From: "1", To: "2"},
		}},
	}}
	d.Name("d1", "fixed", "previous", noon.Add(21*time.Minute))
	return d
}

// A diff leads with its causes; its changes stand under them, and say null where nobody knows.
func TestCauses(t *testing.T) {
	s := checked(t)
	stored := waiting()
	require.NoError(t, s.store.SaveDiff(t.Context(), stored))
	var d object
	s.answer(http.StatusOK, &d, "GET", "/api/diffs/d1", "")
	causes := d["causes"].([]any)
	require.Len(t, causes, 1)
	c := causes[0].(object)
	onset := "2026-03-01T12:01:00Z"
	web, wait := stored.Changes[0].Fingerprint, stored.Changes[1].Fingerprint
	assert.Equal(t, object{
		"summary": "pay 1 -> 2: network and queueing of POST /pay, 1.00 -> 500 ms, lasting since 12:01:00 UTC, not in this window", "service": "pay",
		"site":    object{"kind": "edge", "caller_service": "web", "caller": "HTTP POST", "service": "pay", "value": "POST /pay"},
		"measure": "waiting", "verdict": "slower", "before": 0.001, "after": 0.5, "unit": "seconds", "onset": onset, "ended": nil,
		"deployed": object{"service": "pay", "from": "1", "to": "2"}, "kind": "", "was": "", "share": nil, "main": wait, "symptom": web, "explains": []any{web},
	}, c)

	assert.Equal(t, []any{2.0, 4.0, false, 4.0}, []any{d["flagged"], d["listed"], d["truncated"], d["changes_total"]})
	changes := d["changes"].([]any)
	var order []any
	for _, c := range changes {
		order = append(order, c.(object)["fingerprint"])
	}
	assert.Equal(t, []any{wait, web, stored.Changes[3].Fingerprint, stored.Changes[2].Fingerprint}, order, "the main change first, then what it explains, what is over, and the rest")
	first, over, silent := changes[0].(object), changes[2].(object), changes[3].(object)
	assert.Equal(t, []any{wait, "pay", "lasting", onset, nil, nil}, []any{first["cause"], first["culprit"], first["standing"], first["since"], first["onset"], first["ended"]})
	assert.Equal(t, true, first["fading"])
	assert.Equal(t, []any{0.6, 0.5, 0.02}, []any{first["b"].(object)["wait_mean_seconds"], first["b"].(object)["wait_geometric_mean_seconds"], first["b"].(object)["error_trace_share"]})
	assert.Equal(t, []any{"cleared", "gone", "2026-03-01T12:10:00Z"}, []any{over["standing"], over["reason"], over["ended"]})
	assert.NotContains(t, over, "cause")
	for _, unknown := range []any{silent["effect"], silent["low"], silent["high"], silent["p"], silent["q"], silent["since"], silent["b"].(object)["mean_seconds"], silent["b"].(object)["error_share"], silent["a"].(object)["wait_mean_seconds"]} {
		assert.Nil(t, unknown)
	}
	for _, v := range d["diffs"].([]any)[0].(object)["diffs"].([]any) {
		if value := v.(object); value["value"] == "send" {
			assert.Equal(t, []any{-100.0, nil, nil}, []any{value["occurrence"], value["avg_latency"], value["error_ratio"]})
		}
	}

	s.answer(http.StatusOK, &d, "GET", "/api/diffs/d1?changes=1", "")
	assert.Equal(t, []any{1.0, true, 4.0}, []any{d["listed"], d["truncated"], d["changes_total"]})
	var list []object
	s.answer(http.StatusOK, &list, "GET", "/api/diffs", "")
	require.Len(t, list, 1)
	assert.Equal(t, causes, list[0]["causes"])
	_, text := s.ask("GET", "/api/diffs/d1.md", "")
	assert.Less(t, strings.Index(text, "1. **pay 1 -> 2: network and queueing of POST /pay, 1.00 -> 500 ms**"), strings.Index(text, "| cause |"))
}

// What the tutorial's fields say of a value is about both windows as a whole, wherever inside of them something changed, and whatever
// earlier windows it shows against.
func TestValuesAreAboutWholeWindows(t *testing.T) {
	d := waiting()
	c := &d.Changes[0]
	c.A.Spans, c.A.Weight = 2400, 2400 // of four windows
	c.A.Rate = 1
	c.B.Spans, c.B.Weight = 150, 150 // of a third of a window
	c.B.Rate = 0.75
	values := byKey(d)[0].Diffs
	assert.Equal(t, "GET /", values[0].Value)
	assert.Equal(t, []any{int64(450 - 600), uint64(600), uint64(450)}, []any{values[0].Occurrence, values[0].A.Spans, values[0].B.Spans}, "as far as is known")

	exact := d.Changes[0]
	exact.Measure, exact.Standing, exact.Flagged = compare.CallRate, "", false
	exact.A.Spans, exact.A.Weight, exact.B.Spans, exact.B.Weight, exact.B.Rate = 610, 600, 480, 480, 0.8
	d.Changes = append(d.Changes, exact)
	values = byKey(d)[0].Diffs
	assert.Equal(t, int64(480-610), values[0].Occurrence)
	assert.Equal(t, map[string]wire.Verdict{"latency": "slower"}, values[0].Verdicts)
}

// Each query says what may be expected of its alerts. What was read can be written back.
func TestPromise(t *testing.T) {
	s := checked(t)
	var made object
	header := s.answer(http.StatusCreated, &made, "POST", "/api/queries",
		`{"query":"service = \"x\"","window_seconds":60,"baselines":["previous","24h"],"thresholds":{"false_alerts_per_week":0.5,"new_normal_after_seconds":43200}}`)
	thresholds := made["thresholds"].(object)
	assert.Equal(t, []any{0.5, 43200.0}, []any{thresholds["false_alerts_per_week"], thresholds["new_normal_after_seconds"]})
	promised := made["promise"].(object)
	assert.InDelta(t, 0.5, promised["false_alerts_per_week"], 0)
	assert.InDelta(t, 0.5, promised["level"].(float64)*7*24*60*2, 1e-9, "windows of a week, two baselines")
	assert.Equal(t, "false alerts a week: at most 0.5 in the mean, over all windows and baselines of the query", promised["text"])

	thresholds["false_alerts_per_week"] = 2
	body, err := json.Marshal(made)
	require.NoError(t, err)
	var changed object
	s.answer(http.StatusOK, &changed, "PUT", header.Get("Location"), string(body))
	assert.InDelta(t, 2, changed["promise"].(object)["false_alerts_per_week"], 0)
	var list []object
	s.answer(http.StatusOK, &list, "GET", "/api/queries", "")
	standard := compare.DefaultThresholds()
	assert.Equal(t, []any{standard.FalseAlerts, standard.NewNormal.Seconds()}, []any{list[0]["thresholds"].(object)["false_alerts_per_week"], list[0]["thresholds"].(object)["new_normal_after_seconds"]})
}
