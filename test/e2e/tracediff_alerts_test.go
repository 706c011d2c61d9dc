package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// alertmanager runs a real one, from Debian's package, and returns its URL.
func alertmanager(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		lacking(t, "no Alertmanager: apt-get install prometheus-alertmanager")
	}
	config := filepath.Join(t.TempDir(), "alertmanager.yml")
	require.NoError(t, os.WriteFile(config, []byte("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"), 0o600))
	address := freeAddress(t)
	cmd := exec.CommandContext(context.Background(), program, "--config.file="+config, "--web.listen-address="+address,
		"--cluster.listen-address=", "--storage.path="+t.TempDir())
	log := newLogLines()
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has nothing to save
		_ = cmd.Wait()
	})
	url := "http://" + address
	eventually(t, "Alertmanager is ready", patience, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/-/ready", nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		require.NoError(t, response.Body.Close())
		return response.StatusCode == http.StatusOK
	})
	return url
}

// firing lists the labels of the alerts that Alertmanager holds for active.
func firing(t *testing.T, url string) []map[string]string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v2/alerts", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	var alerts []struct {
		Labels map[string]string `json:"labels"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&alerts))
	var labels []map[string]string
	for _, a := range alerts {
		labels = append(labels, a.Labels)
	}
	return labels
}

// hook is a webhook's receiver: it checks signatures and counts what arrived, by status and fingerprint.
type hook struct {
	*httptest.Server
	mu    sync.Mutex // guards everything below
	count map[string]int
	wrong []string
}

func newHook(t *testing.T, secret string) *hook {
	t.Helper()
	h := &hook{count: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seconds, signature, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Assay-Signature"), "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(seconds + "." + string(body)))
		var n struct {
			Status string
			Alert  struct{ Fingerprint string }
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if signature != hex.EncodeToString(mac.Sum(nil)) || json.Unmarshal(body, &n) != nil {
			h.wrong = append(h.wrong, string(body))
			return
		}
		h.count[n.Status+" "+n.Alert.Fingerprint]++
	}))
	t.Cleanup(h.Close)
	return h
}

// counts returns how often each status of an alert has arrived.
func (h *hook) counts(fingerprint string) (firing, resolved int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count["firing "+fingerprint], h.count["resolved "+fingerprint]
}

// TestTraceDiffAlerts makes a service slow and fast again. A real Alertmanager and a webhook hear of it once, under one
// fingerprint, across a restart in between, and hear of its end.
func TestTraceDiffAlerts(t *testing.T) {
	t.Parallel()
	am, receiver := alertmanager(t), newHook(t, "s3cret")
	storage := section{"dsn": filepath.Join(t.TempDir(), "history.db")}
	settings := section{
		"queries": []any{section{
			"name": "shop", "query": `service = "android"`, "group_by": []string{"http.status_code"}, "thresholds": section{"persist": 1},
			"alerts": []string{"am", "hook"},
		}},
		"alerts": section{
			"am":   section{"type": "alertmanager", "endpoint": am},
			"hook": section{"type": "webhook", "endpoint": receiver.URL, "secret": "s3cret"},
		},
	}
	d := startDiffer(t, storage, settings)
	slow := func(labels map[string]string) bool {
		return labels["verdict"] == "slower" && labels["service"] == "backend"
	}
	fingerprint := func() (found string, all int) {
		for _, labels := range firing(t, am) {
			if slow(labels) {
				found, all = labels["fingerprint"], all+1
				assert.Equal(t, "TraceDiff", labels["alertname"])
				assert.Equal(t, "shop", labels["query"])
			}
		}
		return found, all
	}
	d.fill(t, 1, 10*time.Millisecond, 200)
	assert.Empty(t, firing(t, am))
	d.fill(t, 2, 40*time.Millisecond, 200)
	var id string
	eventually(t, "an alert in Alertmanager", 30*time.Second, func() bool {
		var n int
		id, n = fingerprint()
		return n == 1
	})
	eventually(t, "an alert at the webhook", 10*time.Second, func() bool { n, _ := receiver.counts(id); return n == 1 })
	assert.Len(t, firing(t, am), 1, "one fault, one alert")
	d.stop(t)

	d = startDiffer(t, storage, settings)
	again, n := fingerprint()
	assert.Equal(t, 1, n)
	assert.Equal(t, id, again, "the same alert after a restart")
	d.fill(t, 3, 10*time.Millisecond, 200)
	d.fill(t, 4, 10*time.Millisecond, 200)
	eventually(t, "its end in Alertmanager", 60*time.Second, func() bool { _, n := fingerprint(); return n == 0 })
	eventually(t, "its end at the webhook", 10*time.Second, func() bool { _, n := receiver.counts(id); return n == 1 })
	fired, resolved := receiver.counts(id)
	assert.Equal(t, []int{1, 1}, []int{fired, resolved}, "one message each")
	assert.Empty(t, receiver.wrong)
	d.stop(t)
}
