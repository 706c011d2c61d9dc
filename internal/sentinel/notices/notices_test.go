package notices

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/wire"
	"github.com/assayhq/assay/test/contract"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// office is a board with its routes; time is the test's.
type office struct {
	*Board
	t     *testing.T
	now   time.Time
	saved int
	mux   http.Handler
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, now: noon}
	o.Board = New(func() time.Time { return o.now })
	o.mux = contract.Checked(t, o.Routes(func(context.Context) { o.saved++ }))
	return o
}

func (o *office) ask(method, path, body string, into any) int {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	require.NoError(o.t, json.Unmarshal(w.Body.Bytes(), into), w.Body)
	return w.Code
}

func TestMaintenance(t *testing.T) {
	o := newOffice(t)
	var one, two wire.Maintenance
	require.Equal(t, http.StatusCreated, o.ask("POST", "/api/maintenance", `{"text":"database","from":"2026-03-01T22:00:00Z","to":"2026-03-01T23:00:00Z"}`, &one))
	require.Equal(t, http.StatusCreated, o.ask("POST", "/api/maintenance", `{"text":"network","from":"2026-03-02T22:00:00+02:00","to":"2026-03-02T23:00:00+02:00"}`, &two))
	assert.Equal(t, time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC), two.From)
	var all wire.MaintenanceList
	require.Equal(t, http.StatusOK, o.ask("GET", "/api/maintenance", "", &all))
	assert.Equal(t, []wire.Maintenance{two, one}, all.Maintenance, "the latest first")

	assert.False(t, o.Planned(one.From.Add(-1)))
	assert.True(t, o.Planned(one.From))
	assert.True(t, o.Planned(one.To.Add(-1)))
	assert.False(t, o.Planned(one.To))

	var gone wire.Removed
	require.Equal(t, http.StatusOK, o.ask("DELETE", "/api/maintenance/"+one.ID, "", &gone))
	assert.Equal(t, one.ID, gone.ID)
	assert.False(t, o.Planned(one.From))
	var problem wire.Problem
	assert.Equal(t, http.StatusNotFound, o.ask("DELETE", "/api/maintenance/"+one.ID, "", &problem))
	assert.Equal(t, 3, o.saved, "after each change")
}

func TestAnnouncements(t *testing.T) {
	o := newOffice(t)
	var lasting, short wire.Announcement
	require.Equal(t, http.StatusCreated, o.ask("POST", "/api/announcements", `{"text":"we know of it","severity":"critical"}`, &lasting))
	assert.Equal(t, noon, lasting.From)
	assert.Nil(t, lasting.Until)
	require.Equal(t, http.StatusCreated, o.ask("POST", "/api/announcements", `{"text":"moving","from":"2026-03-01T13:00:00Z","until":"2026-03-01T14:00:00Z"}`, &short))
	assert.Equal(t, wire.Info, short.Severity)
	texts := func(at time.Time) (list []string) {
		for _, a := range o.Announced(at) {
			list = append(list, a.Text)
		}
		return list
	}
	assert.Equal(t, []string{"we know of it"}, texts(noon))
	assert.Equal(t, []string{"moving", "we know of it"}, texts(noon.Add(time.Hour)))
	assert.Equal(t, []string{"we know of it"}, texts(noon.Add(2*time.Hour)))
	assert.Empty(t, texts(noon.Add(-1)))
	var all wire.AnnouncementList
	o.ask("GET", "/api/announcements", "", &all)
	assert.Len(t, all.Announcements, 2)
	o.ask("DELETE", "/api/announcements/"+lasting.ID, "", &wire.Removed{})
	assert.Empty(t, texts(noon))
}

func TestRefusals(t *testing.T) {
	o := newOffice(t)
	for body, want := range map[string]string{
		`{}`: "text: must say something, and is empty; from: must be a time such as 2026-03-01T22:00:00Z",
		`{"text":"x","from":"2026-03-01T22:00:00Z","to":"2026-03-01T22:00:00Z"}`: "to: must be later than from",
		`{"text":"x","from":"2026-03-01T22:00:00Z","to":"2027-03-01T22:00:00Z"}`: "to: must be at most 744h0m0s after from",
		`{"text":"x","from":"tomorrow"}`:                                         `must be a time such as "2026-03-01T12:00:00Z"`,
		`{"text":"` + strings.Repeat("x", 2001) + `"}`:                           "text: must have at most 2000 characters, has 2001",
		`{"text":"x","severity":"info"}`:                                         "severity",
		`[]`:                                                                     "the body is not the JSON object that is expected",
	} {
		var problem wire.Problem
		assert.Equal(t, http.StatusBadRequest, o.ask("POST", "/api/maintenance", body, &problem), body)
		assert.Contains(t, problem.Message, want, body)
	}
	for body, want := range map[string]string{
		`{"text":" "}`:                                "text: must say something",
		`{"text":"x","severity":"fatal"}`:             `severity: must be one of info, warning, critical, got "fatal"`,
		`{"text":"x","until":"2026-02-01T00:00:00Z"}`: "until: must be later than from",
	} {
		var problem wire.Problem
		assert.Equal(t, http.StatusBadRequest, o.ask("POST", "/api/announcements", body, &problem), body)
		assert.Contains(t, problem.Message, want, body)
	}
	assert.Zero(t, o.saved)
}

// A board is bounded, forgets what is long over, and outlasts a restart.
func TestBoundedAndKept(t *testing.T) {
	o := newOffice(t)
	for n := range mostNotices {
		_, err := o.AddMaintenance(&wire.NewMaintenance{Text: strconv.Itoa(n), From: noon, To: noon.Add(time.Hour)})
		require.NoError(t, err)
	}
	var problem wire.Problem
	assert.Equal(t, http.StatusConflict, o.ask("POST", "/api/maintenance", `{"text":"x","from":"2026-03-01T22:00:00Z","to":"2026-03-01T23:00:00Z"}`, &problem))
	assert.Contains(t, problem.Message, "there are 500 already")
	o.now = noon.Add(time.Hour + rememberedBy + 1)
	_, err := o.AddMaintenance(&wire.NewMaintenance{Text: "new", From: o.now, To: o.now.Add(time.Hour)})
	require.NoError(t, err)
	assert.Len(t, o.Maintenance(), 1)

	text, err := json.Marshal(o.Board)
	require.NoError(t, err)
	again := New(func() time.Time { return o.now })
	require.NoError(t, json.Unmarshal(text, again))
	assert.Equal(t, o.Maintenance(), again.Maintenance())
	assert.True(t, again.Planned(o.now))
	require.Error(t, json.Unmarshal([]byte(`{"maintenance":7}`), again))
}

// The status page shows all texts in one answer.
func TestTextsAreBounded(t *testing.T) {
	o := newOffice(t)
	text, added := strings.Repeat("<", longestText), 0 // six bytes each as JSON
	for ; added < mostNotices; added++ {
		if _, err := o.AddAnnouncement(&wire.NewAnnouncement{Text: text}); err != nil {
			require.ErrorIs(t, err, ErrLarge)
			break
		}
	}
	assert.Equal(t, mostBytes/(6*longestText+150), added)
	var problem wire.Problem
	assert.Equal(t, http.StatusConflict, o.ask("POST", "/api/announcements", `{"text":"`+text+`"}`, &problem))
	assert.Equal(t, "the texts of all together would have more than 384 KiB; remove some", problem.Message)
	assert.Len(t, o.Announcements(), added)
	require.Equal(t, http.StatusCreated, o.ask("POST", "/api/announcements", `{"text":"short"}`, &wire.Announcement{}))
}
