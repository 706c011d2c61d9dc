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
		"effect":2,"low":1.5,"high":2.5,"p":0.00001,"q":0.0002,"impact":3,"a":{"spans":500,"traces":500,"geoMean":12000},"b":{"spans":510,"traces":510,"geoMean":24000},"exemplars":["ab"],"fingerprint":"f1"}`
	const answer = `{"id":"d1","baseline":{"version":"previous"},"a":{"snapshotId":"s1","start":1000,"end":1600,"state":"complete","coverage":{"traces":500,"spans":1500}},
		"b":{"snapshotId":"s2","start":1600,"end":2200,"state":"complete","coverage":{"traces":510,"spans":1600}},
		"thresholds":{"fdr":0.05,"minLatencyRatio":1.1},"history":12,"tests":90,"flagged":1,
		"causes":[{"service":"shop","site":{"kind":"operation","service":"shop","value":"GET /cart"},"measure":"latency","verdict":"slower","onset":1810,
		"share":null,"main":"f1","symptom":null,"explains":[]}],"changes":[%s],"changesTotal":%d}`
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
		{"no API", "odd", "the answer is no diff"},
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
