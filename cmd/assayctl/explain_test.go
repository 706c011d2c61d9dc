package main

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/golden"
)

const explained = "4bf92f3577b34da6a3ce929d0e0e4736"

// answers is a collector whose sampler answers with x.
func answers(t *testing.T, x *wire.Explanation) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/api/sampling/traces/"+explained, r.URL.Path)
		assert.NoError(t, json.NewEncoder(w).Encode(x))
	}))
	t.Cleanup(s.Close)
	return s
}

func TestExplain(t *testing.T) {
	began := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	checkout := wire.Operation{Service: "shop", Name: "POST /checkout\x1b[2J", Kind: "Server"}
	pay := wire.Operation{Service: "payment", Name: "charge", Kind: "Server"}
	base := wire.Explanation{TraceID: explained, ReasonsSince: at(-600), DecisionsSince: at(-3600)}
	wait, none := 1.5, wire.Number(math.NaN())
	open, decided, dropped, remembered, unknown, dry := base, base, base, base, base, base
	open.Fate, open.Open = "open", &wire.OpenTrace{FirstSeen: at(-2), LastSeen: at(-1), Spans: 3, Latest: at(58)}
	decided.Fate = "decided"
	decided.Outcome = &wire.Outcome{Kept: true, LastSpan: at(-9), Threshold: 0.25, Randomness: 0.75, TH: "40000000000000", RV: "c0000000000000", LateSpans: 2}
	decided.Reasons = &wire.Reasons{
		Decided: at(-8.5), Latency: 0.5, Reason: "latency", Rule: "slow things", Probability: 0.75, Adjusted: 1.333, Baseline: 0.02, Weight: 0.7, Cutoff: 0.95,
		Signs: []wire.Sign{
			{Name: "latency", Strength: 5.25, Enough: 6.5, Operation: &pay},
			{Name: "error", Strength: 3.5, Enough: none, Operation: &pay},
			{Name: "rarity", Strength: 0, Enough: none},
		},
		Excess: 1.2, Endpoint: checkout, Spans: 18, Errors: 1, Duration: 1.4, Fragment: true, Marked: false, Incoming: 0.5,
	}
	decided.Path = &wire.Path{Path: "00000000deadbeef", Endpoint: checkout, Traces: 5000, Rate: 12.345, Errors: 0.001, Kept: 0.04, P50: 0.18, P99: 0.61, Wait: &wait}
	dropped.Fate, dropped.Outcome = "decided", &wire.Outcome{LastSpan: at(-9), Threshold: 0.9, Randomness: 0.75, TH: "e6660000000000", RV: "c0000000000000"}
	dropped.Reasons = &wire.Reasons{Decided: at(-8.5), Latency: 0.5, Reason: "baseline", Probability: 0.1, Baseline: 0.1, Cutoff: none, Endpoint: pay, Spans: 2, Duration: 0.002, Marked: true, Incoming: 1}
	remembered.Fate, remembered.Outcome = "remembered", dropped.Outcome
	unknown.Fate = "unknown"
	dry.Fate, dry.Outcome = "remembered", &wire.Outcome{DryRun: true, LastSpan: at(-9), Threshold: 0.9, Randomness: 0.75, TH: "e6660000000000", RV: "c0000000000000"}
	for name, x := range map[string]*wire.Explanation{"open": &open, "decided": &decided, "dropped": &dropped, "remembered": &remembered, "unknown": &unknown, "dry_run": &dry} {
		s := answers(t, x)
		got := assayctl(t, "", "explain", "--url", s.URL, explained)
		golden.Equal(t, "explain_"+name+".txt", got.out)
		assert.Empty(t, got.err)
		want := exitOK
		if name == "unknown" {
			want = exitFailed
		}
		assert.Equal(t, want, got.code)

		var back wire.Explanation
		require.NoError(t, json.Unmarshal([]byte(assayctl(t, "", "explain", "--url", s.URL, "-o", "json", strings.ToUpper(explained)).out), &back))
		assert.Equal(t, x.Outcome, back.Outcome)
	}
}

func TestExplainIsRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("component") == "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"message":"component: several answer here, a and b; choose one with ?component=a"}`))
			return
		}
		_, _ = w.Write([]byte(`<html>`))
	}))
	defer s.Close()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"abc"}, "TRACE-ID: must be 32 hexadecimal digits"},
		{[]string{"--url", s.URL, explained}, "--component: several answer here, a and b; choose one with --component a"},
		{[]string{"--url", s.URL, "--component", "a", explained}, "the answer is not what was asked for"},
		{[]string{"--url", "http://127.0.0.1:1", explained}, "is a collector with a console running there?"},
		{[]string{"--url", s.URL, "-H", "x", explained}, "--header: must be KEY=VALUE"},
	} {
		got := assayctl(t, "", append([]string{"explain"}, c.args...)...)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, c.want)
		assert.Empty(t, got.out)
	}
}
