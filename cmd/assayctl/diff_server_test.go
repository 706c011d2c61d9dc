package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A collector compares by itself; what it says is shown as if it had been compared here.
func TestDiffOfSnapshotsOfACollector(t *testing.T) {
	const change = `{"kind":"operation","service":"shop","value":"GET /cart","measure":"latency","verdict":"slower","flagged":true,"standing":"confirmed",
		"effect":2,"low":1.5,"high":2.5,"p":0.00001,"q":0.0002,"impact":3,"a":{"spans":500,"traces":500,"geometric_mean_seconds":0.012},"b":{"spans":510,"traces":510,"geometric_mean_seconds":0.024},"exemplars":["ab"],"fingerprint":"f1"}`
	const answer = `{"id":"d1","baseline":{"version":"previous"},"a":{"snapshot_id":"s1","start":"1970-01-01T00:16:40Z","end":"1970-01-01T00:26:40Z","state":"complete","coverage":{"traces":500,"spans":1500}},
		"b":{"snapshot_id":"s2","start":"1970-01-01T00:26:40Z","end":"1970-01-01T00:36:40Z","state":"complete","coverage":{"traces":510,"spans":1600}},
		"thresholds":{"fdr":0.05,"min_latency_ratio":1.1},"history_pairs":12,"tests":90,"flagged":1,
		"causes":[{"service":"shop","site":{"kind":"operation","service":"shop","value":"GET /cart"},"measure":"latency","verdict":"slower","onset":"1970-01-01T00:30:10Z",
		"share":null,"main":"f1","symptom":null,"explains":[]}],"changes":[%s],"changes_total":%d}`
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		asked = append(asked, r.Method+" "+r.URL.String()+" "+string(body)+" "+r.Header.Get("Authorization"))
		switch {
		case strings.Contains(string(body), "several") && r.URL.Query().Get("component") == "": // as the console extension says it
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"message":"component: several answer here, trace_diff and trace_diff/eu; choose one with ?component=trace_diff"}`))
		case strings.Contains(string(body), "unknown"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"there is nothing under this id"}`))
		case strings.Contains(string(body), "odd"):
			_, _ = w.Write([]byte(`<html>`))
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprintf(w, answer, change, 2)
		default:
			service := strings.NewReplacer(`"operation"`, `"service"`, "GET /cart", "shop", "f1", "f2").Replace(change)
			_, _ = fmt.Fprintf(w, answer, change+","+service, 2)
		}
	}))
	defer s.Close()
	got := assayctl(t, "", "gate", "--url", s.URL+"/", "-H", "Authorization=Bearer x", "--key", "tenant", "s1", "s2")
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Equal(t, []string{
		`POST /api/diffs {"a":"s1","b":"s2","keys":["tenant"]} Bearer x`,
		`GET /api/diffs/d1?changes=2  Bearer x`,
	}, asked)
	assert.Contains(t, got.out, "\n 1. shop: GET /cart slower, 12.0 -> 24.0 ms\n    since 00:30:10; confirmed; trace ab\n")
	assert.Regexp(t, `slower +shop GET /cart +12\.0 ms +24\.0 ms +x2\.00 \(x1\.50 to x2\.50\) +0\.0002 +confirmed; trace ab`, got.out)
	assert.Contains(t, got.out, "service shop ")
	assert.Contains(t, assayctl(t, "", "diff", "--url", s.URL, "-o", "json", "s1", "s2").out, `"kind": "service",
      "service": "shop",
      "value": "shop"`)
	asked = nil
	assert.Contains(t, got.out, "1970-01-01 00:16:40 to 00:26:40")

	asked = nil
	got = assayctl(t, "", "gate", "--url", s.URL, "--component", "trace_diff/eu", "several", "s2")
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Equal(t, []string{
		`POST /api/diffs?component=trace_diff%2Feu {"a":"several","b":"s2"} `,
		`GET /api/diffs/d1?changes=2&component=trace_diff%2Feu  `,
	}, asked)

	for _, tt := range []struct{ name, a, err string }{
		{"several exporters", "several", "400 Bad Request: --component: several answer here, trace_diff and trace_diff/eu; choose one with --component trace_diff\n"},
		{"unknown id", "unknown", "404 Not Found: there is nothing under this id"},
		{"no API", "odd", "the answer is not what was asked for"},
	} {
		got = assayctl(t, "", "diff", "--url", s.URL, tt.a, "s2")
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, tt.err)
	}
	got = assayctl(t, "", "diff", "--url", "http://127.0.0.1:1", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "is a collector with a console running there?")
	got = assayctl(t, "", "diff", "--component", "trace_diff/eu", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--component: chooses among the exporters of a collector; name its console with --url")
	got = assayctl(t, "", "diff", "--url", s.URL, "--fdr", "0.1", "s1", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--fdr: with --url the collector compares as its query says")
}

// Two queries side by side, as a collector compares them.
func TestQueriesOfACollectorSideBySide(t *testing.T) {
	const answer = `{"id":"d1","query":"trace.duration > 1s","query_id":"q2","a":{"snapshot_id":"s1","start":"1970-01-01T00:16:40Z","end":"1970-01-01T00:26:40Z","state":"complete","coverage":{"traces":500,"spans":1500}},
		"b":{"snapshot_id":"s2","start":"1970-01-01T00:16:40Z","end":"1970-01-01T00:26:40Z","state":"complete","coverage":{"traces":51,"spans":160}},"changes":[],"changes_total":0,
		"side_by_side":{"selected_a":"query q1","selected_b":"trace.duration > 1s","query_id_a":"q1","enough_data":true,"fdr":0.05,"tests":40,"attributes":2,"telling_total":2,"left_out_measures":["latency","waiting"],
		"telling":[{"kind":"attribute","key":"tenant","value":"acme","share_a":0.1,"share_b":0.9,"difference":0.8,"low":0.7,"high":0.85,"p":0.00001,"q":0.0002,
		"same_traces":[{"kind":"service","service":"pay","value":"pay","error":true}],"exemplars":["ab"]}%s],
		"selected":[{"kind":"service","service":"shop","value":"shop","share_a":0.5,"share_b":1,"difference":0.5,"low":null,"high":null,"p":null,"q":null,"same_traces":[],"exemplars":[]}]}}`
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		asked = append(asked, r.Method+" "+r.URL.String()+" "+string(body))
		rest := ""
		switch {
		case strings.Contains(string(body), "old"):
			_, _ = w.Write([]byte(`{"id":"d2"}`))
			return
		case r.Method == http.MethodGet:
			rest = `,{"kind":"path","service":"shop","value":"GET /","path_id":"ab","share_a":0.3,"share_b":0.1,"difference":-0.2,"low":-0.3,"high":-0.1,"p":0.001,"q":0.02}`
		}
		_, _ = fmt.Fprintf(w, answer, rest)
	}))
	defer s.Close()
	got := assayctl(t, "", "diff", "--url", s.URL, "--side-by-side", "--key", "tenant", "s1", "s2")
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Equal(t, []string{`POST /api/diffs {"a":"s1","b":"s2","keys":["tenant"],"side_by_side":true}`, `GET /api/diffs/d1?changes=2 `}, asked)
	for _, want := range []string{
		`^3 properties of traces tell B from A`, `A +query q1 `, `B +trace\.duration > 1s `, `tenant = acme +10\.0 % +90\.0 % +\+80 points \(70 to 85\) +0\.0002 +trace ab`,
		`the same traces: error in service pay\n`, `path of shop GET / \(ab\) +30\.0 % +10\.0 % +-20 points`, `service shop +50\.0 % +100 % +\+50 points +-`,
		`Traces that match both queries are on both sides\.`, `Changes of latency are left out`,
	} {
		assert.Regexp(t, want, got.out)
	}
	got = assayctl(t, "", "diff", "--url", s.URL, "--side-by-side", "old", "s2")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--side-by-side: the collector does not know it")
}
