package consoleextension

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"

	"github.com/assayhq/assay/internal/console"
)

// dialled is a connection on which a test sends what it wants.
func (e *consoleExtension) dialled(t *testing.T) net.Conn {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", e.address.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// Two hundred clients that never send the whole of a request keep nobody out, and are shown the door: those who are slow with the header by
// read_header_timeout, those who are slow with the body by read_timeout.
func TestSlowClients(t *testing.T) {
	e := started(t, nil, func(c *Config) { c.ReadHeaderTimeout, c.ReadTimeout = time.Second, time.Second })
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "all"), {Method: "POST", Path: "/api/things", Handler: http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })}})
	require.NoError(t, err)
	var slow []net.Conn
	for n := range 200 {
		half := "GET /api/things HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
		if n%2 == 0 {
			half = "POST /api/things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{"
		}
		connection := e.dialled(t)
		_, err := connection.Write([]byte(half))
		require.NoError(t, err)
		slow = append(slow, connection)
	}
	began := time.Now()
	status, answer := e.ask(t, "GET", "/api/things")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "all", answer)
	assert.Less(t, time.Since(began), time.Second)
	for _, connection := range slow {
		require.NoError(t, connection.SetReadDeadline(time.Now().Add(30*time.Second)))
		_, err := io.Copy(io.Discard, connection) // until the console closes it
		var timeout net.Error
		require.False(t, errors.As(err, &timeout) && timeout.Timeout(), "it is still open")
	}
}

// Requests that are too large are refused, and what is repeated of them is short.
func TestLargeRequests(t *testing.T) {
	e := started(t, nil, nil)
	_, err := e.Register(one, []console.Route{{Method: "GET", Path: "/api/things", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		console.RefuseFor(w, console.ParametersOf(r, "known").Err())
	})}})
	require.NoError(t, err)
	long := strings.Repeat("%00", 20_000)
	for path, want := range map[string]int{
		"/api/things?x" + long + "=1":              http.StatusBadRequest,
		"/api/things?component=" + long:            http.StatusNotFound,
		"/api/things" + strings.Repeat("a", 60000): http.StatusNotFound,
		"/api/things?x=" + strings.Repeat(long, 2): http.StatusRequestHeaderFieldsTooLarge,
	} {
		response, text := e.read(t, path)
		assert.Equal(t, want, response.StatusCode, path[:20])
		assert.Less(t, len(text), 25<<10, path[:20])
	}
	response, _ := e.read(t, "/api/things", "X-Large", strings.Repeat("a", 100_000))
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
}

// No part of a path or query comes as a header of its own.
func TestHeadersCannotBeInjected(t *testing.T) {
	e := started(t, nil, nil)
	for _, path := range []string{
		"/api/things%0d%0aSet-Cookie:%20a=b", "/?component=x%0d%0aSet-Cookie:%20a=b", "//elsewhere.example/%0d%0aSet-Cookie:a=b", "/\\elsewhere.example", "/.%2e/x%0aLocation:x", "/a/../b",
	} {
		connection := e.dialled(t)
		_, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path)
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Empty(t, response.Header.Get("Set-Cookie"), path)
		if location := response.Header.Get("Location"); location != "" {
			to, err := url.Parse(location)
			require.NoError(t, err)
			assert.Empty(t, to.Host, "%s leads to %s", path, location)
		}
	}
}

// Every answer tells browsers not to frame it, nor to take it for something else; those of refusals too.
func TestHeadersOfAllAnswers(t *testing.T) {
	id := component.MustNewIDWithName("basicauth", "x")
	e := started(t, map[component.ID]component.Component{id: doorman{}}, func(c *Config) {
		c.Auth = configoptional.Some(confighttp.AuthConfig{Config: configauth.Config{AuthenticatorID: id}})
	})
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "all")})
	require.NoError(t, err)
	for _, path := range []string{"/", "/api/things", "/api/none", "/icon.svg", "/assets/main-abc.js", "/api/openapi.json"} {
		for _, as := range []string{"Bearer open", "Basic xxxx"} {
			response, _ := e.read(t, path, "Authorization", as, "Accept", browser)
			assert.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
			assert.Equal(t, "DENY", response.Header.Get("X-Frame-Options"), path)
			assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
			if as == "Basic xxxx" {
				assert.Equal(t, http.StatusUnauthorized, response.StatusCode, path)
				assert.Equal(t, `Basic realm="Assay", charset="UTF-8"`, response.Header.Get("WWW-Authenticate"), "so that the browser asks")
			}
		}
	}
	assert.Equal(t, "Bearer", challengeOf(component.MustNewType("oidc")))
}
