package api

import (
	"net/http"
	"testing"

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
