package monitoring

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/internal/sentinel/alertcycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers every request with this body, and returns the address and where to find the last request's URL.
func serve(t *testing.T, status int, body string) (address string, asked func() string) {
	t.Helper()
	urls := make(chan string, 16)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		urls <- r.URL.String()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(func() { s.Close(); http.DefaultClient.CloseIdleConnections() })
	return s.URL, func() string { return <-urls }
}

func rules(list ...string) string {
	return `{"status":"success","data":{"groups":[{"name":"g","rules":[` + strings.Join(list, ",") + `]}]}}`
}

func rule(name, state, health string) string {
	return fmt.Sprintf(`{"name":%q,"state":%q,"health":%q,"type":"alerting"}`, name, state, health)
}

func TestRule(t *testing.T) {
	for body, want := range map[string]alertcycle.Rule{
		rules():                                alertcycle.RuleAbsent,
		rules(rule("Other", "firing", "ok")):   alertcycle.RuleAbsent,
		rules(rule("Burst", "inactive", "ok")): alertcycle.RuleInactive,
		rules(rule("Burst", "pending", "ok"), rule("Burst", "inactive", "ok")): alertcycle.RulePending,
		rules(rule("Burst", "inactive", "ok"), rule("Burst", "firing", "ok")):  alertcycle.RuleFiring,
		rules(rule("Burst", "inactive", "err")):                                alertcycle.RuleBroken,
		rules(rule("Burst", "inactive", "unknown")):                            alertcycle.RuleInactive,
	} {
		address, _ := serve(t, 200, body)
		p, err := NewPrometheus(address, http.DefaultClient)
		require.NoError(t, err)
		got, err := p.Rule(t.Context(), "Burst")
		require.NoError(t, err)
		assert.Equal(t, want, got, body)
	}
}

func TestQuery(t *testing.T) {
	address, asked := serve(t, 200, `{"status":"success","data":{"resultType":"vector","result":[
		{"metric":{"le":"0.1"},"value":[1800000000.5,"17"]},{"metric":{},"value":[1800000000,"NaN"]}]}}`)
	p, err := NewPrometheus(address, http.DefaultClient)
	require.NoError(t, err)
	got, err := p.Query(t.Context(), `sum(x)`, time.UnixMilli(1_800_000_000_500))
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, Sample{Labels: map[string]string{"le": "0.1"}, Value: 17}, got[0])
	assert.Equal(t, "/api/v1/query?query=sum%28x%29&time=1800000000.500", asked())
}

func TestHeld(t *testing.T) {
	const one = `{"labels":{"alertname":"Burst"},"receivers":[{"name":"sentinel"}],"status":{"state":"active","inhibitedBy":[],"silencedBy":[]}}`
	const inhibited = `{"labels":{"alertname":"Burst"},"receivers":[{"name":"night"}],"status":{"state":"suppressed","inhibitedBy":["x"],"silencedBy":[]}}`
	const other = `{"labels":{"alertname":"Other"},"receivers":[{"name":"sentinel"}],"status":{"state":"active"}}`
	for body, want := range map[string]alertcycle.Held{
		`[]`:                                {},
		"[" + other + "]":                   {},
		"[" + one + "]":                     {Present: true, Receivers: []string{"sentinel"}},
		"[" + inhibited + "," + other + "]": {Present: true, Inhibited: true, Receivers: []string{"night"}},
		"[" + inhibited + "," + one + "]":   {Present: true, Receivers: []string{"night", "sentinel"}},
	} {
		address, asked := serve(t, 200, body)
		a, err := NewAlertmanager(address, http.DefaultClient)
		require.NoError(t, err)
		got, err := a.Held(t.Context(), "Burst")
		require.NoError(t, err)
		assert.Equal(t, want, got, body)
		assert.Contains(t, asked(), "filter=alertname%3D%22Burst%22")
	}
}

// A server that lies or babbles is an error, not a state.
func TestNonsenseIsAnError(t *testing.T) {
	for _, body := range []string{
		"", "null", "{}", `{"status":"error","error":"busy"}`, `{"status":"success"}`, `{"status":"success","data":{"groups":3}}`,
		`{"status":"success","data":{"resultType":"matrix","result":[]}}`,
		`{"status":"success","data":{"resultType":"vector","result":[{"value":["x",1]}]}}`, `[{"labels":3}]`, "\xff",
	} {
		address, _ := serve(t, 200, body)
		p, err := NewPrometheus(address, http.DefaultClient)
		require.NoError(t, err)
		_, err = p.Query(t.Context(), "x", time.Unix(0, 0))
		require.Error(t, err, body)
		if !strings.Contains(body, "resultType") {
			_, err = p.Rule(t.Context(), "Burst")
			require.Error(t, err, body)
		}
		a, err := NewAlertmanager(address, http.DefaultClient)
		require.NoError(t, err)
		_, err = a.Held(t.Context(), "Burst")
		require.Error(t, err, body)
	}
}

func TestWebhook(t *testing.T) {
	var got []Notification
	h := Webhook(func(n Notification) { got = append(got, n) })
	post := func(method, body string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/", strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	code, _ := post("POST", `{"version":"4","receiver":"sentinel","status":"firing","alerts":[
		{"status":"resolved","labels":{"alertname":"Other"}},{"status":"firing","labels":{"alertname":"Burst","service":"cart"}},
		{"status":"resolved","labels":{"alertname":"Burst","service":"payment"}}]}`)
	assert.Equal(t, 200, code)
	assert.Equal(t, []Notification{{"sentinel", "Burst", true}, {"sentinel", "Other", false}}, got)

	for body, want := range map[string]string{
		"<html>":          "not a message of Alertmanager",
		`{"version":"3"}`: "version: must be 4",
		`{"version":"4","x":"` + strings.Repeat("y", maxNotification) + `"}`: "too large",
	} {
		code, text := post("POST", body)
		assert.Equal(t, 400, code)
		assert.Contains(t, text, want)
	}
	code, _ = post("GET", "")
	assert.Equal(t, 405, code)
	assert.Len(t, got, 2)
}
