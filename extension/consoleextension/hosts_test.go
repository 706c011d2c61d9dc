package consoleextension

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/console"
)

// under sends a request with a Host header.
func (e *consoleExtension) under(t *testing.T, host, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+e.address.String()+path, nil)
	require.NoError(t, err)
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	var body strings.Builder
	require.NoError(t, response.Write(&body))
	return response.StatusCode, body.String()
}

// A page whose name was made to resolve to the console's address gets nothing from it, and the answer says what to do for a name
// that is meant.
func TestForeignHostsAreRefused(t *testing.T) {
	e := started(t, nil, func(c *Config) {
		c.AllowedHosts = []string{"Console.Example.org", "10.1.2.3"}
		c.ExternalURL = "https://proxy.example.org:8443/assay/"
	})
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "all")})
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(e.address.String())
	require.NoError(t, err)
	for _, host := range []string{
		"localhost", "LOCALHOST:" + port, "localhost.", "127.0.0.1:" + port, "127.5.5.5", "[::1]:" + port, "[::1]", "[::ffff:127.0.0.1]",
		"console.example.org", "CONSOLE.example.org:1", "console.example.org.", "10.1.2.3:80", "proxy.example.org", "proxy.example.org:8443",
	} {
		status, text := e.under(t, host, "/api/things")
		assert.Equal(t, http.StatusOK, status, "%s: %s", host, text)
	}
	for _, host := range []string{
		"rebound.example", "rebound.example:" + port, "localhost.example", "127.0.0.1.example", "example.org", "a.console.example.org",
		"10.1.2.4", "192.168.0.1:" + port, "[2001:db8::1]:" + port, "0.0.0.0:" + port,
	} {
		for _, path := range []string{"/", "/api/things", "/none"} {
			status, text := e.under(t, host, path)
			assert.Equal(t, http.StatusForbidden, status, host)
			assert.Contains(t, text, "Content-Type: application/json")
			assert.Contains(t, text, `is no name of this console; if people reach it under this name, add the name to allowed_hosts of the console extension, or set external_url"}`)
		}
	}
	_, text := e.under(t, "rebound.example:80", "/")
	assert.Contains(t, text, `{"message":"refused: \"rebound.example\" is no name`)
}

// Where other machines may come, they do so under an address, or under the machine's name. Any other name could be a page's.
func TestHostsOfAnOpenConsole(t *testing.T) {
	for _, listens := range []string{"0.0.0.0", "::", "10.0.0.5"} {
		c := createDefaultConfig().(*Config)
		c.NetAddr.Endpoint = net.JoinHostPort(listens, "4000")
		h := newHosts(c, &net.TCPAddr{IP: net.ParseIP(listens), Port: 4000}, "Gateway-7")
		for host, allowed := range map[string]bool{
			"gateway-7:4000": true, "gateway-7": true, "10.0.0.5:4000": true, "203.0.113.9": true, "[2001:db8::1]:4000": true, "localhost:4000": true, "": true,
			"rebound.example": false, "gateway-7.example": false, "gateway": false,
		} {
			assert.Equal(t, allowed, h.allow(host), "%s on %s", host, listens)
		}
	}
}

// A name in the endpoint is one under which the console was meant to be reached; a name of the machine leads to loopback only where
// somebody says so.
func TestHostsOfTheEndpoint(t *testing.T) {
	c := createDefaultConfig().(*Config)
	c.NetAddr.Endpoint = "Assay.example:4000"
	h := newHosts(c, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4000}, "gateway")
	assert.True(t, h.allow("assay.EXAMPLE:4000"))
	assert.False(t, h.allow("gateway"))
	assert.True(t, newHosts(c, &net.UnixAddr{Name: "/run/assay.sock", Net: "unix"}, "gateway").allow("anything"), "no browser opens a socket")
}
