package consoleextension

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"

	"github.com/assayhq/assay/internal/console"
)

// What a page of another origin makes a browser do is refused, and no answer allows such a page to read it.
func TestOtherOriginsAreRefused(t *testing.T) {
	e := started(t, nil, nil)
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "all"), says("POST", "/api/things", "made")})
	require.NoError(t, err)
	status, answer := e.ask(t, "POST", "/api/things", "Origin", "http://elsewhere.example")
	assert.Equal(t, http.StatusForbidden, status)
	assert.Equal(t, message("refused: the request comes from a page of another origin; allow it in cors::allowed_origins"), answer)
	status, _ = e.ask(t, "POST", "/api/things", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, http.StatusForbidden, status)
	status, _ = e.ask(t, "POST", "/api/things", "Origin", "http://"+e.address.String())
	assert.Equal(t, http.StatusOK, status, "the console's own pages may write")

	response := e.send(t, http.DefaultClient, "http", "GET", "/api/things", "Origin", "http://elsewhere.example")
	require.NoError(t, response.Body.Close())
	for name := range response.Header {
		assert.False(t, strings.HasPrefix(name, "Access-Control-"), name)
	}
}

func TestNamedOriginsAreAllowed(t *testing.T) {
	e := started(t, nil, func(c *Config) {
		c.CORS = configoptional.Some(confighttp.CORSConfig{AllowedOrigins: []string{"https://ours.example"}})
	})
	_, err := e.Register(one, []console.Route{says("POST", "/api/things", "made")})
	require.NoError(t, err)
	status, _ := e.ask(t, "POST", "/api/things", "Origin", "https://ours.example", "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, http.StatusOK, status)
	status, _ = e.ask(t, "POST", "/api/things", "Origin", "https://elsewhere.example")
	assert.Equal(t, http.StatusForbidden, status)
}

// doorman is an auth extension that knows one password.
type doorman struct{ component.Component }

func (doorman) Authenticate(ctx context.Context, sources map[string][]string) (context.Context, error) {
	if h := http.Header(sources); h.Get("Authorization") != "Bearer open" {
		return ctx, errors.New("who are you?")
	}
	return ctx, nil
}

func TestAuthentication(t *testing.T) {
	id := component.MustNewID("doorman")
	e := started(t, map[component.ID]component.Component{id: doorman{}}, func(c *Config) {
		c.Auth = configoptional.Some(confighttp.AuthConfig{Config: configauth.Config{AuthenticatorID: id}})
	})
	_, err := e.Register(one, []console.Route{says("GET", "/api/things", "all")})
	require.NoError(t, err)
	for _, path := range []string{"/", "/api/things", "/api/none"} {
		status, answer := e.ask(t, "GET", path)
		assert.Equal(t, http.StatusUnauthorized, status, path)
		assert.Equal(t, message("who you are must be known here"), answer, path)
	}
	status, _ := e.ask(t, "GET", "/api/things", "Authorization", "Bearer open")
	assert.Equal(t, http.StatusOK, status)
}

func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	defer certified.Close()
	certificate, key := pemOf(t, certified.TLS.Certificates[0])
	e := started(t, nil, func(c *Config) {
		c.TLS = configoptional.Some(configtls.ServerConfig{Config: configtls.Config{
			CertPem: configopaque.String(certificate), KeyPem: configopaque.String(key),
		}})
	})
	pool := x509.NewCertPool()
	pool.AddCert(certified.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	response := e.send(t, &http.Client{Transport: transport}, "https", "GET", "/")
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

// A body over the limit fails where the handler reads it.
func TestBodyLimit(t *testing.T) {
	e := started(t, nil, func(c *Config) { c.MaxRequestBodySize = 10 })
	_, err := e.Register(one, []console.Route{{Method: "POST", Path: "/api/things", Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			var large *http.MaxBytesError
			console.Answer(w, http.StatusOK, errors.As(err, &large))
		})}})
	require.NoError(t, err)
	for body, refused := range map[string]string{"0123456789": "false\n", "0123456789a": "true\n"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.address.String()+"/api/things", strings.NewReader(body))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		answer, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, refused, string(answer), body)
	}
}

func TestShutdownBeforeStartAndTwice(t *testing.T) {
	e := unstarted(t, createDefaultConfig().(*Config))
	require.NoError(t, e.Shutdown(t.Context()))
	e = started(t, nil, nil)
	require.NoError(t, e.Shutdown(t.Context()))
	require.NoError(t, e.Shutdown(t.Context()))
}

// Two collectors on one machine: the second says what to change.
func TestAddressInUse(t *testing.T) {
	first := started(t, nil, nil)
	cfg := createDefaultConfig().(*Config)
	cfg.NetAddr.Endpoint = first.address.String()
	second := unstarted(t, cfg)
	err := second.Start(t.Context(), componenttest.NewNopHost())
	require.ErrorContains(t, err, "the console cannot listen; set extensions::console::endpoint to a free address: ")
	require.NoError(t, second.Shutdown(t.Context()))
}
