package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/console"
	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
	"github.com/assayhq/assay/internal/tracediff/store"
	"github.com/assayhq/assay/internal/wire"
)

// wide is a name that takes six times its length as JSON.
func wide(n int) string { return fmt.Sprintf("%05d", n) + strings.Repeat("<", 200) }

// crowded is a diff with thousands of changes, values and versions.
func crowded(id string, at time.Time) *store.Diff {
	d := waiting()
	d.Name(id, "fixed", "previous", at)
	d.Keys = []string{"http.status_code", "service"}
	for n := range 1000 {
		c := d.Changes[0]
		c.Identity, c.Fingerprint, c.Flagged = snapshot.Identity{Kind: snapshot.Attribute, Key: "http.status_code", Value: wide(n)}, fmt.Sprintf("%016d", n), true
		c.Verdict = []compare.Verdict{compare.New, compare.Missing, compare.Slower}[n%3]
		d.Changes = append(d.Changes, c)
		d.Causes[0].Explains = append(d.Causes[0].Explains, len(d.Changes)-1)
	}
	for n := range 1000 {
		d.A.Versions = append(d.A.Versions, snapshot.Version{Service: wide(n), Version: "1", First: noon, Last: noon})
	}
	d.B.Versions = d.A.Versions
	return d
}

// sized asks, and wants an answer that is no larger than it may be.
func (s *server) sized(v any, path string) http.Header {
	s.t.Helper()
	_, text := s.ask("GET", path, "")
	assert.LessOrEqual(s.t, len(text), console.MostBytes, path)
	return s.answer(http.StatusOK, v, "GET", path, "")
}

// follow goes through all pages of a list, and returns how many there are and how many elements.
func follow[T any](s *server, path string) (pages, elements int) {
	for path != "" {
		var list []T
		link := s.sized(&list, path).Get("Link")
		require.NotEmpty(s.t, list)
		pages, elements = pages+1, elements+len(list)
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	}
	return pages, elements
}

// However much there is, no answer is larger than it may be, and each says that it was cut.
func TestAnswersAreBounded(t *testing.T) {
	s := checked(t)
	for n := range 40 {
		require.NoError(t, s.store.SaveDiff(t.Context(), crowded(fmt.Sprint("many", n), noon.Add(time.Duration(n)*time.Second))))
	}
	var one wire.Diff
	s.sized(&one, "/api/diffs/many3?changes=1000000")
	assert.True(t, one.Truncated)
	assert.Greater(t, one.Listed, 100)
	assert.Len(t, one.Changes, one.Listed)
	assert.Greater(t, one.ChangesTotal, 1000)
	assert.NotEmpty(t, one.Causes)
	pages, elements := follow[wire.Diff](s, "/api/diffs?limit=100")
	assert.Equal(t, 40, elements)
	assert.Greater(t, pages, 1)
	_, text := s.ask("GET", "/api/diffs/many3.md", "")
	assert.LessOrEqual(t, len(text), console.MostBytes)
	var causes wire.Causes
	s.sized(&causes, "/api/causes")
	assert.True(t, causes.Truncated)
	assert.NotEmpty(t, causes.Causes)
}

func TestSnapshotsAreBounded(t *testing.T) {
	s := checked(t)
	codes := make([]string, 3000)
	for n := range codes {
		codes[n] = wide(n)
	}
	for n := range 2 {
		s.keep("fixed", n, codes...)
	}
	var one TutorialSnapshot
	s.sized(&one, "/api/snapshots/fixed-20260301T120000Z?groups=1000000")
	assert.Greater(t, *one.GroupsTotal, len(one.Groups))
	assert.Greater(t, len(one.Groups), 300)
	for _, path := range []string{"/api/topology", "/api/topology?format=dot", "/api/evolution?windows=1000"} {
		s.sized(nil, path)
	}
}

// The longest queries that there can be are listed on several pages.
func TestQueriesAreBounded(t *testing.T) {
	s := checked(t)
	text := `service = "` + strings.Repeat("<", 16<<10-12) + `"`
	for range 20 {
		s.answer(http.StatusCreated, nil, "POST", "/api/queries", `{"query":`+strconv.Quote(text)+`}`)
	}
	pages, elements := follow[TutorialQuery](s, "/api/queries")
	assert.Equal(t, 21, elements)
	assert.Greater(t, pages, 1)
	assert.Contains(t, s.refused(http.StatusBadRequest, "POST", "/api/queries", `{"query":`+strconv.Quote(text+" ")+`}`), "query: must be at most 16384 bytes long, got 16385")
}

// What a request says comes back in the Link header as a part of a URL, and as nothing else.
func TestLinksCannotBeInjected(t *testing.T) {
	s := checked(t)
	for n := range 2 {
		s.keep("fixed", n, "200")
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/api/snapshots?query=fixed&limit=1&component=x%0d%0aSet-Cookie:a=b%3E;%20rel=%22preload%22,%3Chttps://elsewhere.example", nil))
	require.Equal(t, http.StatusOK, w.Code)
	link := w.Header().Get("Link")
	assert.Regexp(t, `^</api/snapshots\?[A-Za-z0-9%&=._+-]+>; rel="next"$`, link)
}

// One question at a time reads what is stored; who gives up waiting is let go.
func TestOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handlers{turn: make(chan struct{}, 1)}
		answering, most := 0, 0
		handle := h.inTurn(func(*http.Request) (reply, error) {
			answering++
			most = max(most, answering)
			<-time.After(time.Second)
			answering--
			return reply{}, nil
		})
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_, err := handle(httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
				assert.NoError(t, err)
			})
		}
		synctest.Wait()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := handle(httptest.NewRequestWithContext(gone, "GET", "/", nil))
		require.ErrorIs(t, err, context.Canceled)
		all.Wait()
		assert.Equal(t, 1, most)
	})
}
