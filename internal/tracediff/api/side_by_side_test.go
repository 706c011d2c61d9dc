package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two queries of one window, side by side: what tells them apart stands beside the diff, is kept, and is written as Markdown.
func TestSideBySideOnDemand(t *testing.T) {
	s := checked(t)
	a, b := s.keep("fixed", 0, "200", "503"), s.keep("other", 0, "200", "403")
	next := s.keep("other", 1, "200")
	var d object
	header := s.answer(http.StatusCreated, &d, "POST", "/api/diffs", fmt.Sprintf(`{"a":%q,"b":%q,"side_by_side":true}`, a.ID, b.ID))
	apart := d["side_by_side"].(object)
	assert.Equal(t, "fixed", apart["query_id_a"])
	assert.Equal(t, `service = "shop"`, apart["selected_a"])
	telling := apart["telling"].([]any)
	require.Len(t, telling, 2)
	assert.InDelta(t, 2, apart["telling_total"], 0)
	values := map[any]any{}
	for _, p := range telling {
		values[p.(object)["value"]] = p.(object)["difference"]
	}
	assert.Equal(t, map[any]any{"403": 0.5, "503": -0.5}, values)
	assert.Positive(t, d["flagged"])
	assert.Equal(t, []any{"shop"}, []any{apart["selected"].([]any)[0].(object)["value"]}, "the query of A names it")

	var again object
	s.answer(http.StatusOK, &again, "GET", header.Get("Location"), "")
	assert.Equal(t, d, again)
	s.answer(http.StatusOK, &again, "GET", header.Get("Location")+"?changes=1", "")
	assert.Len(t, again["side_by_side"].(object)["telling"], 1)
	r, text := s.ask("GET", header.Get("Location")+".md", "")
	assert.Equal(t, http.StatusOK, r.StatusCode)
	assert.Contains(t, text, "What tells B from A")
	assert.Contains(t, text, "| B | query other |")
	assert.Contains(t, text, "Traces that match both queries are on both sides.")

	for body, message := range map[string]string{
		fmt.Sprintf(`{"a":%q,"b":%q}`, a.ID, b.ID):                        "a and b: must be snapshots of one query, got one of fixed and one of other; side_by_side compares two queries within a window",
		fmt.Sprintf(`{"a":%q,"b":%q,"side_by_side":true}`, a.ID, next.ID): "side_by_side: compares within one window, but a is from 12:00:00Z to 12:10:00Z and b from 12:10:00Z to 12:20:00Z; give the queries windows of one length",
		fmt.Sprintf(`{"a":%q,"b":%q,"side_by_side":true}`, b.ID, next.ID): "side_by_side: compares windows of two queries, got two of other",
		fmt.Sprintf(`{"a":%q,"b":%q,"side_by_side":"yes"}`, a.ID, b.ID):   "side_by_side: must be true or false, got a string",
	} {
		assert.Contains(t, s.refused(http.StatusBadRequest, "POST", "/api/diffs", body), message)
	}
}
