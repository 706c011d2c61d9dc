package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTraceDiffBadRequests asks for what cannot be had; every answer says what is wrong.
func TestTraceDiffBadRequests(t *testing.T) {
	t.Parallel()
	d := startDiffer(t, section{"dsn": filepath.Join(t.TempDir(), "history.db")}, nil)
	for _, c := range []struct {
		method, path, body string
		status             int
		message            string
	}{
		{"GET", "/api/queries/none", "", 404, "there is nothing under this id"},
		{"GET", "/api/none", "", 404, "there is nothing at /api/none; GET / lists what there is"},
		{"POST", "/api/queries", `{"query":"service IN (\"a\"","colour":"red"}`, 400, `the body is not the JSON object that is expected: unknown field "colour"`},
		{"POST", "/api/diffs", `{"a":"x","b":"y"}`, 400, `a: there is no snapshot "x"`},
		{"PATCH", "/api/queries", `{}`, 405, "/api/queries has GET and POST, not PATCH"},
	} {
		var problem struct{ Message string }
		var body any
		if c.body != "" {
			body = c.body
		}
		status := d.ask(t, c.method, c.path, body, &problem)
		assert.Equal(t, c.status, status, fmt.Sprint(c.method, " ", c.path))
		assert.Equal(t, c.message, problem.Message)
	}
	d.stop(t)
}
