package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/assayhq/assay/internal/openapi"
	"github.com/assayhq/assay/test/contract"
)

// checked makes a server whose every request and answer is held against the document.
func checked(t *testing.T) *server {
	t.Helper()
	s, c := newServer(t), contract.New(t)
	s.ask = func(method, path, body string) (answered, string) {
		response, text := s.send(method, path, body)
		if http.StatusMethodNotAllowed != response.StatusCode {
			c.Check(method, path, body, response.StatusCode, response.Header, text)
		}
		return response, text
	}
	return s
}

// The document names the routes that there are, no more and no fewer.
func TestDocument(t *testing.T) {
	var have []string
	for _, r := range Routes(nil) {
		have = append(have, r.Method+" "+r.Path)
	}
	ours := func(path string) bool {
		return strings.HasPrefix(path, "/api/") && path != openapi.Path && !strings.HasPrefix(path, "/api/sampling") && !strings.HasPrefix(path, "/api/sentinel")
	}
	assert.ElementsMatch(t, have, contract.New(t).Names(ours))
}
