package api

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/console"
)

type object = map[string]any

// The tutorial's own request, as written there.
func TestTutorialsRequest(t *testing.T) {
	s := checked(t)
	var made object
	header := s.answer(http.StatusCreated, &made, "POST", "/api/queries",
		`{"query":"service IN (\"android\")","name":"Hello World","createdAt":1605061500,"groupByKeys":["operation","http.status_code"]}`)
	assert.Equal(t, "/api/queries/"+made["id"].(string), header.Get("Location"))
	assert.InDelta(t, 1605061500, made["createdAt"], 0)
	assert.Equal(t, []any{"operation", "http.status_code"}, made["groupByKeys"])
	var again object
	s.answer(http.StatusOK, &again, "GET", header.Get("Location"), "")
	assert.Equal(t, made, again)
	var list []object
	s.answer(http.StatusOK, &list, "GET", "/api/queries", "")
	assert.Len(t, list, 2)
	s.answer(http.StatusOK, &list, "GET", "/api/snapshots", "")
	require.Len(t, list, 1)
	assert.Equal(t, `service IN ("android")`, list[0]["query"])
	assert.Equal(t, "open", list[0]["state"])
	var detail object
	s.answer(http.StatusOK, &detail, "GET", list[0]["link"].(string), "")
	assert.InDelta(t, 0, detail["groups_total"], 0)
	assert.Contains(t, s.refused(http.StatusBadRequest, "DELETE", list[0]["link"].(string), ""), "the window is open")
	assert.Contains(t, s.refused(http.StatusBadRequest, "POST", "/api/snapshots", `{"query_id":"`+made["id"].(string)+`"}`), "no trace of the window")

	again["name"], again["baselines"] = "changed", []any{"previous", "24h", object{"version": "previous"}, object{"pin": "x"}}
	body := fmt.Sprintf(`{"id":%q,"query":"service = \"ios\"","name":"changed","baselines":["previous","24h",{"version":"previous"},{"pin":"x"}],"alerts":["am"],"thresholds":{"persist":3}}`, made["id"])
	var changed object
	s.answer(http.StatusOK, &changed, "PUT", header.Get("Location"), body)
	assert.Equal(t, again["baselines"], changed["baselines"])
	assert.InDelta(t, 3, changed["thresholds"].(object)["persist"], 0)
	assert.InDelta(t, 0.05, changed["thresholds"].(object)["fdr"], 0)
	assert.InDelta(t, 1605061500, changed["createdAt"], 0)

	var gone object
	s.answer(http.StatusOK, &gone, "DELETE", header.Get("Location"), "")
	assert.Equal(t, "changed", gone["msg"].(object)["name"])
	s.refused(http.StatusNotFound, "DELETE", header.Get("Location"), "")
}

// A request may use our words, the tutorial's, or both where they say the same; the answer has both.
func TestOurWordsAndTheTutorials(t *testing.T) {
	s := checked(t)
	for _, body := range []string{
		`{"query":"a = 1","createdAt":1605061500,"groupByKeys":["k"]}`,
		`{"query":"a = 1","created_at":"2020-11-11T03:25:00+01:00","group_by_keys":["k"]}`,
		`{"query":"a = 1","created_at":"2020-11-11T02:25:00Z","createdAt":1605061500,"group_by_keys":["k"],"groupByKeys":["k"]}`,
	} {
		var made object
		s.answer(http.StatusCreated, &made, "POST", "/api/queries", body)
		assert.Equal(t, []any{1605061500.0, "2020-11-11T02:25:00Z"}, []any{made["createdAt"], made["created_at"]}, body)
		assert.Equal(t, []any{[]any{"k"}, []any{"k"}}, []any{made["groupByKeys"], made["group_by_keys"]}, body)
		assert.Equal(t, []any{600.0, 30.0, nil}, []any{made["window_seconds"], made["lateness_seconds"], made["changed_at"]})
	}
	w := s.keep("fixed", 0, "200")
	var one object
	s.answer(http.StatusOK, &one, "GET", "/api/snapshots/"+w.ID, "")
	assert.Equal(t, []any{w.ID, w.ID}, []any{one["snapshotId"], one["id"]})
	assert.Equal(t, []any{float64(w.Completed.Unix()), "2026-03-01T12:11:00Z"}, []any{one["completeTime"], one["complete_at"]})
	assert.InDelta(t, one["createdAt"], s.unix(one["created_at"]), 0)
	var list []object
	s.answer(http.StatusOK, &list, "GET", "/api/snapshots?query=fixed&from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z", "")
	require.Len(t, list, 1)
	assert.Equal(t, w.ID, list[0]["id"])
}

// unix are the seconds since 1970 of a time.
func (s *server) unix(v any) int64 {
	s.t.Helper()
	at, err := time.Parse(time.RFC3339, v.(string))
	require.NoError(s.t, err)
	return at.Unix()
}

// Every refusal says what is wrong, where, and what would be right.
func TestRefusals(t *testing.T) {
	s := checked(t)
	s.keep("fixed", 0, "200")
	s.keep("other", 0, "200")
	a, other := "fixed-20260301T120000Z", "other-20260301T120000Z"
	s.keep("fixed", 1, "200")
	b := "fixed-20260301T121000Z"
	s.keys = []string{"tenant", "http.status_code"}
	s.keep("fixed", 2, "200")
	more := "fixed-20260301T122000Z"
	for _, c := range []struct {
		status             int
		method, path, body string
		message            string
	}{
		{400, "POST", "/api/queries", `{"query":"service IN (\"a\""}`, `query: `},
		{400, "POST", "/api/queries", `{}`, `query: must be set, such as service IN ("checkout"), or * for all traces`},
		{400, "POST", "/api/queries", `{"query":"a = 1","colour":"red"}`, `unknown field "colour"`},
		{400, "POST", "/api/queries", `{"query":"a = 1","id":"x"}`, `id, source, changed_at and promise: are given by the server; leave them out`},
		{400, "POST", "/api/queries", `{"query":7}`, `query: must be a string, got a number`},
		{400, "POST", "/api/queries", `{"query":"a = 1","groupByKeys":"x"}`, `groupByKeys: must be a list, got a string`},
		{400, "POST", "/api/queries", `{"query":"a = 1"} {}`, `there is more behind it`},
		{400, "POST", "/api/queries", `{"query":`, `unexpected EOF`},
		{400, "POST", "/api/queries", `[]`, `the body is not the JSON object that is expected`},
		{400, "POST", "/api/queries", `{"query":"a = 1","window_seconds":-1,"createdAt":-1}`, `createdAt: must be a time in seconds since 1970, got -1; window_seconds: must be a number of seconds, more than 0, got -1`},
		{400, "POST", "/api/queries", `{"query":"a = 1","window_seconds":"10m"}`, `window_seconds: must be a number, got a string`},
		{400, "POST", "/api/queries", `{"query":"a = 1","lateness_seconds":1e300,"created_at":"1969-01-01T00:00:00Z"}`, `lateness_seconds: must be a number of seconds, more than 0, got 1e+300; created_at: must be a time since 1970, got 1969-01-01T00:00:00Z`},
		{400, "POST", "/api/queries", `{"query":"a = 1","created_at":"yesterday"}`, `yesterday: must be a time such as "2026-03-01T12:00:00Z"`},
		{400, "POST", "/api/queries", `{"query":"a = 1","groupByKeys":["a"],"group_by_keys":["b"]}`, `groupByKeys: must be the same as group_by_keys, or left out, got ["a"] beside ["b"]`},
		{400, "POST", "/api/queries", `{"query":"a = 1","createdAt":1605061500,"created_at":"2020-11-11T02:25:01Z"}`, `createdAt: must be the same as created_at, or left out, got 1605061500 beside 2020-11-11T02:25:01Z`},
		{
			400, "POST", "/api/queries", `{"query":"a = 1","window_seconds":1,"groupByKeys":["a","a",""],"baselines":["7m"],"alerts":["pager"],"thresholds":{"fdr":0}}`,
			`group_by_keys::1: "a" is listed twice; group_by_keys::2: must be "service", "operation" or the name of an attribute, got an empty string; ` +
				`window_seconds: must be between 10s and 24h0m0s, got 1s; thresholds::fdr: must be more than 0 and less than 0.5, got 0; alerts::0: "pager" is not one of the targets: am`,
		},
		{
			400, "POST", "/api/queries", `{"query":"a = 1","thresholds":{"false_alerts_per_week":0,"new_normal_after_seconds":60}}`,
			`thresholds::false_alerts_per_week: must be more than 0 and at most 100, got 0; thresholds::new_normal_after_seconds: must be at least the window (10m0s), got 1m0s`,
		},
		{400, "PUT", "/api/queries/fixed", `{"query":"a = 1","thresholds":{"new_normal_after_seconds":-5}}`, `thresholds::new_normal_after_seconds: must be a number of seconds, got -5`},
		{400, "POST", "/api/queries", `{"query":"a = 1","promise":{"false_alerts_per_week":0,"level":0,"text":""}}`, `id, source, changed_at and promise: are given by the server; leave them out`},
		{400, "POST", "/api/queries", `{"query":"a = 1","baselines":[{"colour":"red"}]}`, `baselines::0: must be "previous", a duration such as 24h`},
		{400, "POST", "/api/queries", `{"query":"a = 1","baselines":[7]}`, `baselines::0: must be "previous", a duration such as 24h, {version: previous} or {pin: SNAPSHOT}, got "7"`},
		{400, "POST", "/api/queries", `{"query":"a = 1","baselines":["7m"]}`, `baselines::0: must be a multiple of the window (10m0s), or no window begins then, got 7m`},
		{413, "POST", "/api/queries", `{"query":"` + strings.Repeat("x", console.MaxBody) + `"}`, `the body must have at most 1048576 bytes`},
		{403, "PUT", "/api/queries/fixed", `{"query":"a = 1"}`, "the query is part of the configuration, and can only be changed there"},
		{403, "DELETE", "/api/queries/fixed", "", "the query is part of the configuration, and can only be changed there"},
		{404, "PUT", "/api/queries/none", `{"query":"a = 1"}`, "there is nothing under this id"},
		{400, "PUT", "/api/queries/fixed", `{"query":"a = 1","id":"x"}`, `id: must be that of the path or left out, got "x"`},
		{404, "GET", "/api/queries/none", "", "there is nothing under this id"},
		{404, "GET", "/api/snapshots/none", "", "there is nothing under this id"},
		{400, "GET", "/api/snapshots?colour=red&limit=0&state=done&from=x&cursor=y", "", `colour: is no parameter of this route; there are query, state, from, to, limit, cursor, component`},
		{400, "GET", "/api/snapshots?limit=0&state=done&from=x&cursor=y", "", `state: must be one of open, complete, partial, got "done"; from: must be a time such as 2026-03-01T12:00:00Z, or in seconds since 1970, got "x"; limit: must be a number between 1 and 1000, got "0"; cursor: must be the one of a Link header, got "y"`},
		{400, "GET", "/api/snapshots?limit=1&limit=2", "", `limit: is given more than once`},
		{400, "POST", "/api/snapshots", `{}`, `query_id: must be the id of a query; GET /api/queries lists them`},
		{404, "POST", "/api/snapshots", `{"query_id":"none"}`, "there is nothing under this id"},
		{404, "GET", "/api/diffs/none", "", "there is nothing under this id"},
		{404, "GET", "/api/diffs/none.md", "", "there is nothing under this id"},
		{404, "DELETE", "/api/diffs/none", "", "there is nothing under this id"},
		{400, "POST", "/api/diffs", `{"a":"x"}`, `a and b: must be the ids of two snapshots, a the older; GET /api/snapshots lists them`},
		{400, "POST", "/api/diffs", `{"a":"x","b":"y"}`, `a: there is no snapshot "x"`},
		{400, "POST", "/api/diffs", `{"a":"` + a + `","b":"` + a + `"}`, `a and b: must be two snapshots, got the same one twice`},
		{400, "POST", "/api/diffs", `{"a":"` + a + `","b":"` + other + `"}`, `a and b: must be snapshots of one query, got one of fixed and one of other`},
		{400, "POST", "/api/diffs", `{"a":"` + a + `","b":"` + b + `","keys":["tenant"]}`, `keys::0: "tenant" was not captured; there are service, operation, http.status_code`},
		{
			400, "POST", "/api/diffs", `{"a":"` + a + `","b":"` + more + `"}`,
			`keys: a has captured http.status_code, b tenant, http.status_code, for the query has changed; name those to compare, among service, operation, http.status_code`,
		},
		{404, "GET", "/api/topology?query=none", "", "there is nothing under this id"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			assert.Contains(t, s.refused(c.status, c.method, c.path, c.body), c.message)
		})
	}
	r, text := s.send("POST", "/api/queries", "")
	assert.Equal(t, http.StatusUnsupportedMediaType, r.StatusCode, text)
}

// Values that are new or missing, as the tutorial shows them, and the differences of the others.
func TestDiffOnDemand(t *testing.T) {
	s := checked(t)
	a, b := s.keep("fixed", 0, "200", "503", "429"), s.keep("fixed", 1, "200", "403")
	var d object
	header := s.answer(http.StatusCreated, &d, "POST", "/api/diffs", fmt.Sprintf(`{"a":%q,"b":%q,"keys":["http.status_code","operation"]}`, a.ID, b.ID))
	keys := d["diffs"].([]any)
	require.Len(t, keys, 2)
	code := keys[0].(object)
	assert.Equal(t, "http.status_code", code["key"])
	assert.Equal(t, []any{"403"}, code["new"])
	assert.Equal(t, []any{"429", "503"}, code["missing"])
	values := code["diffs"].([]any)
	require.Len(t, values, 1)
	assert.Equal(t, "200", values[0].(object)["value"])
	assert.InDelta(t, 0, values[0].(object)["occurrence"], 0)
	assert.InDelta(t, 0.0012, values[0].(object)["a"].(object)["mean_seconds"], 1e-9)
	assert.InDelta(t, 0, values[0].(object)["avg_latency"], 0, "µs, B minus A")
	operation := keys[1].(object)["diffs"].([]any)[0].(object)
	assert.Equal(t, []any{"GET /", "shop"}, []any{operation["value"], operation["service"]})
	services := 0
	for _, c := range d["changes"].([]any) {
		if change := c.(object); change["kind"] == "service" {
			services++
			assert.Equal(t, []any{"shop", "shop"}, []any{change["value"], change["service"]})
		}
	}
	assert.Positive(t, services)
	var one object
	s.answer(http.StatusOK, &one, "GET", "/api/snapshots/"+a.ID, "")
	for _, g := range one["groups"].([]any) {
		if group := g.(object); group["kind"] == "service" {
			assert.Equal(t, []any{"shop", "shop"}, []any{group["value"], group["service"]})
		}
	}
	assert.InDelta(t, -300, operation["occurrence"], 0, "B minus A")
	assert.Equal(t, "/api/snapshots/"+a.ID, d["linkA"])
	assert.Empty(t, d["baseline"])

	var again object
	s.answer(http.StatusOK, &again, "GET", header.Get("Location"), "")
	assert.Equal(t, d, again)
	s.answer(http.StatusOK, &again, "GET", header.Get("Location")+"?changes=1", "")
	assert.Len(t, again["changes"], 1)
	r, text := s.ask("GET", header.Get("Location")+".md", "")
	assert.Equal(t, http.StatusOK, r.StatusCode)
	assert.Contains(t, text, "### Trace diff&#58; fixed")
	for path, n := range map[string]int{"": 1, "?flagged=true": 1, "?flagged=false": 0, "?baseline=": 1, "?baseline=previous": 0, "?query=other": 0} {
		var list []object
		s.answer(http.StatusOK, &list, "GET", "/api/diffs"+path, "")
		assert.Len(t, list, n, path)
	}
	s.answer(http.StatusOK, nil, "DELETE", header.Get("Location"), "")
	s.refused(http.StatusNotFound, "GET", header.Get("Location"), "")
	s.answer(http.StatusOK, nil, "DELETE", "/api/snapshots/"+a.ID, "")
	s.refused(http.StatusNotFound, "GET", "/api/snapshots/"+a.ID, "")
}

// Following the Link header leads through all, once each.
func TestPages(t *testing.T) {
	s := checked(t)
	for n := range 7 {
		s.keep("fixed", n, "200")
	}
	var seen []string
	for at := "/api/snapshots?query=fixed&state=complete&limit=3"; at != ""; {
		var list []object
		header := s.answer(http.StatusOK, &list, "GET", at, "")
		for _, row := range list {
			seen = append(seen, row["snapshotId"].(string))
		}
		at = ""
		if m := regexp.MustCompile(`^<(.+)>; rel="next"$`).FindStringSubmatch(header.Get("Link")); m != nil {
			at = m[1]
			u, err := url.Parse(at)
			require.NoError(t, err)
			assert.Equal(t, "fixed", u.Query().Get("query"), "the filter goes along")
		}
	}
	assert.Len(t, seen, 7)
	assert.Equal(t, "fixed-20260301T130000Z", seen[0], "newest first")
	assert.Equal(t, "fixed-20260301T120000Z", seen[6])
	var part []object
	s.answer(http.StatusOK, &part, "GET", fmt.Sprintf("/api/snapshots?from=%d&to=%d", noon.Unix()+600, noon.Unix()+1800), "")
	assert.Len(t, part, 2)
}

func TestTopology(t *testing.T) {
	s := checked(t)
	s.keep("fixed", 0, "200")
	s.keep("fixed", 1, "200", "500")
	var graph object
	s.answer(http.StatusOK, &graph, "GET", "/api/topology", "")
	assert.Equal(t, "fixed-20260301T121000Z", graph["snapshot_id"], "of the only query, the latest")
	assert.Len(t, graph["calls"], 1)
	s.answer(http.StatusOK, &graph, "GET", fmt.Sprintf("/api/topology?query=fixed&at=%d", noon.Unix()), "")
	assert.Equal(t, "fixed-20260301T120000Z", graph["snapshot_id"])
	r, text := s.ask("GET", "/api/topology?format=dot&detail=operations", "")
	assert.Equal(t, http.StatusOK, r.StatusCode)
	assert.True(t, strings.HasPrefix(text, "digraph "), text)
	var evolution object
	s.answer(http.StatusOK, &evolution, "GET", "/api/evolution?query=fixed&windows=10", "")
	assert.Len(t, evolution["windows"], 2)
	assert.Len(t, evolution["deployments"], 2)
	var deployments []object
	s.answer(http.StatusOK, &deployments, "GET", "/api/deployments", "")
	require.Len(t, deployments, 2)
	assert.Equal(t, []any{"shop", "1.1", "1.0"}, []any{deployments[1]["service"], deployments[1]["version"], deployments[1]["previous"]})
	s.answer(http.StatusOK, &deployments, "GET", "/api/alerts", "")
	assert.Empty(t, deployments)
}

// A database that is away is the server's trouble, not the client's: 503, and when to come again.
func TestStoreAway(t *testing.T) {
	s := checked(t)
	require.NoError(t, s.store.Close())
	for _, path := range []string{"/api/snapshots", "/api/snapshots/x", "/api/diffs", "/api/diffs/x", "/api/topology", "/api/alerts"} {
		r, text := s.ask("GET", path, "")
		assert.Equal(t, http.StatusServiceUnavailable, r.StatusCode, path)
		assert.Equal(t, "10", r.Header.Get("Retry-After"))
		assert.JSONEq(t, `{"message":"the database does not answer; try again later"}`, text)
	}
	assert.Equal(t, "the database does not answer; try again later", s.refused(http.StatusServiceUnavailable, "POST", "/api/queries", `{"query":"a = 1"}`))
	s.answer(http.StatusOK, nil, "GET", "/api/queries", "")
}

// Markup in a value is a string in JSON, and escaped in Markdown.
func TestHostileValues(t *testing.T) {
	s := checked(t)
	hostile := "<script>alert(1)</script>|@all"
	a, b := s.keep("fixed", 0, "200"), s.keep("fixed", 1, "200", hostile)
	var d object
	header := s.answer(http.StatusCreated, &d, "POST", "/api/diffs", fmt.Sprintf(`{"a":%q,"b":%q}`, a.ID, b.ID))
	assert.Equal(t, []any{hostile}, d["diffs"].([]any)[2].(object)["new"])
	_, raw := s.ask("GET", header.Get("Location"), "")
	assert.NotContains(t, raw, "<script>")
	_, text := s.ask("GET", header.Get("Location")+".md", "")
	assert.NotContains(t, text, "<script>")
	assert.NotContains(t, text, "@all")
}
