package alert

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/incident"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// slower is an incident that has begun: checkout's POST /pay is slower since it was deployed.
func slower() (*store.Query, *incident.Event) {
	d := &compare.Diff{
		ID: "d1", Baseline: "previous", B: compare.Side{Start: noon.Add(-10 * time.Minute), End: noon},
		Changes: []compare.Change{{
			Identity: snapshot.Identity{Kind: snapshot.Operation, Service: "checkout", Value: "POST /pay"},
			Measure:  compare.Latency, Verdict: compare.Slower, A: compare.Absolute{Spans: 9, GeoMean: 20e6}, B: compare.Absolute{Spans: 9, GeoMean: 31e6},
			Effect: 1.55, Low: 1.4, High: 1.7, Q: 0.0012, Flagged: true, Standing: compare.Confirmed, Windows: 2,
			Exemplars: []string{"abc", "def"}, Fingerprint: "of the change",
		}, {
			Identity: snapshot.Identity{Kind: snapshot.Total}, Measure: compare.Latency, Verdict: compare.Slower, Flagged: true,
			A: compare.Absolute{Spans: 9, GeoMean: 100e6}, B: compare.Absolute{Spans: 9, GeoMean: 111e6},
		}},
	}
	d.Causes = []compare.Cause{{
		Service: "checkout", Site: d.Changes[0].Identity, Measure: compare.Latency, Verdict: compare.Slower, Symptom: 1, Explains: []int{1}, Share: math.NaN(),
		Onset:    noon.Add(-6*time.Minute - 40*time.Second),
		Deployed: &compare.Deployment{Service: "checkout", From: "1.0", To: "2.0"},
	}}
	q := &store.Query{ID: "q1", Name: "shop", Text: `service IN ("checkout")`}
	return q, &incident.Event{Incident: &incident.Incident{ID: "f1"}, Diff: d, Cause: &d.Causes[0]}
}

func stored(t *testing.T, status store.Status, id string) store.Alert {
	t.Helper()
	q, e := slower()
	e.Incident.ID = id
	content := NewContent(q, e)
	if status == store.Resolved {
		content.Reason = wire.ClearReason(compare.IsGone)
	}
	packed, err := json.Marshal(content)
	require.NoError(t, err)
	a := store.Alert{QueryID: "q1", Baseline: "previous", Fingerprint: id, Status: status, StartsAt: noon, Revision: 3, Content: packed}
	if status == store.Resolved {
		a.EndsAt = noon.Add(time.Hour)
	}
	return a
}

// received is what a server was sent.
type received struct {
	path   string
	header http.Header
	body   []byte
}

// listen is a server that answers with status and remembers.
func listen(t *testing.T, status func(body []byte) int) (*httptest.Server, func() []received) {
	var mu sync.Mutex
	var all []received
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, received{r.URL.Path, r.Header, body})
		w.WriteHeader(status(body))
	}))
	t.Cleanup(server.Close)
	return server, func() []received {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func ok([]byte) int { return http.StatusOK }
