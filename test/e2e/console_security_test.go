package e2e

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Secrets of the configuration under test, which no answer has.
const (
	consolePassword = "console-password-4711"
	sentinelSecret  = "sentinel-key-4711-sentinel-key-4711"
	databaseSecret  = "database-password-4711"
	webhookSecret   = "webhook-secret-4711"
)

// guarded is a console with authentication in front of all of our components, as `make run` starts them.
type guarded struct {
	*collector
	t      *testing.T
	url    string
	client *http.Client
	as     string // Authorization
}

// startGuarded runs one; settings are the console's, extensions are those that it needs.
func startGuarded(t *testing.T, as string, settings, extensions section) *guarded {
	t.Helper()
	file := filepath.Join(repository(t), "config.yaml")
	overlay, moved := relocate(t, file)
	names := []string{"health_check", "console", "sentinel"}
	all := section{"console": settings}
	for name, of := range extensions {
		all[name], names = of, append(names, name)
	}
	secrets := section{
		"extensions": all,
		"exporters": section{"trace_diff": section{
			"storage": section{"driver": "postgres", "dsn": "postgres://assay:" + databaseSecret + "@" + freeAddress(t) + "/assay"},
			"alerts":  section{"pager": section{"type": "webhook", "endpoint": "http://" + freeAddress(t), "secret": webhookSecret}},
		}},
		"service": section{"extensions": names},
	}
	env := []string{"ASSAY_KEPT_FILE=" + filepath.Join(t.TempDir(), "kept.jsonl"), "ASSAY_SENTINEL_KEY=" + sentinelSecret}
	c := start(t, env, append([]string{"--config", file, "--config", overlay}, merged(t, []section{secrets})...)...)
	return &guarded{collector: c, t: t, url: "http://" + moved["extensions/console"], client: http.DefaultClient, as: as}
}

// ask sends a request with headers, in pairs; an Authorization among them takes the place of the usual one.
func (g *guarded) ask(method, path string, headers ...string) (status int, header http.Header, body string) {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, nil)
	require.NoError(g.t, err)
	request.Header.Set("Authorization", g.as)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	response, err := g.client.Do(request)
	require.NoError(g.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(g.t, err)
	require.NoError(g.t, response.Body.Close())
	return response.StatusCode, response.Header, string(text)
}

// route is an operation that the console lists.
type route struct{ Method, Path string }

// routes are all that the console lists, with ids that nothing has, and what the pages are made of.
func (g *guarded) routes() []route {
	g.t.Helper()
	status, _, text := g.ask(http.MethodGet, "/api/console")
	require.Equal(g.t, http.StatusOK, status, text)
	var list struct{ Routes []route }
	require.NoError(g.t, json.Unmarshal([]byte(text), &list))
	require.Greater(g.t, len(list.Routes), 25, "all three components have registered")
	for i := range list.Routes {
		list.Routes[i].Path = regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(list.Routes[i].Path, "0000000000000001")
	}
	for _, path := range []string{"/", "/api/console", "/api/openapi.json", "/none"} {
		list.Routes = append(list.Routes, route{http.MethodGet, path})
	}
	_, _, page := g.ask(http.MethodGet, "/", "Accept", "text/html")
	for _, asset := range regexp.MustCompile(`(?:src|href)="\./([^"]+)"`).FindAllStringSubmatch(page, -1) {
		list.Routes = append(list.Routes, route{http.MethodGet, "/" + asset[1]})
	}
	return list.Routes
}

// admits wants every route to be open to the usual client, and to none of the others.
func (g *guarded) admits(others map[string]string) {
	g.t.Helper()
	for _, r := range g.routes() {
		for who, as := range others {
			status, header, text := g.ask(r.Method, r.Path, "Authorization", as)
			assert.Equal(g.t, http.StatusUnauthorized, status, "%s: %s %s", who, r.Method, r.Path)
			assert.NotEmpty(g.t, header.Get("WWW-Authenticate"))
			assert.JSONEq(g.t, `{"message":"who you are must be known here"}`, text)
		}
		status, header, _ := g.ask(r.Method, r.Path)
		assert.NotEqual(g.t, http.StatusUnauthorized, status, "%s %s", r.Method, r.Path)
		assert.Contains(g.t, header.Get("Content-Security-Policy"), "frame-ancestors 'none'", r.Path)
	}
}

func TestConsoleBasicAuth(t *testing.T) {
	t.Parallel()
	as := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	g := startGuarded(t, as("watcher", consolePassword), section{"auth": section{"authenticator": "basicauth"}}, section{
		"basicauth": section{"htpasswd": section{"inline": "watcher:" + consolePassword}},
	})
	g.admits(map[string]string{"nobody": "", "wrong password": as("watcher", "x"), "another user": as("root", consolePassword), "no base64": "Basic ???", "bearer": "Bearer x"})
	g.refusesOtherOrigins()
	g.keepsSecrets()
	g.end()
}

// end stops the collector and wants its log to have no secret, either. Its exit code is that of a collector whose database was never there.
func (g *guarded) end() {
	g.t.Helper()
	require.NoError(g.t, g.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-g.exited:
	case <-time.After(patience):
		g.t.Fatalf("it did not end:\n%s", g.log)
	}
	for _, secret := range []string{consolePassword, sentinelSecret, databaseSecret, webhookSecret} {
		assert.NotContains(g.t, g.log.String(), secret)
	}
}

// refusesOtherOrigins wants each route that changes something to refuse what pages of others make a browser send.
func (g *guarded) refusesOtherOrigins() {
	g.t.Helper()
	changing := 0
	for _, r := range g.routes() {
		if r.Method == http.MethodGet {
			continue
		}
		changing++
		for _, headers := range [][]string{
			{"Origin", "https://elsewhere.example"},
			{"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", strings.Replace(g.url, "http://", "https://", 1) + "0"},
		} {
			status, _, text := g.ask(r.Method, r.Path, headers...)
			assert.Equal(g.t, http.StatusForbidden, status, "%s %s with %v: %s", r.Method, r.Path, headers, text)
		}
		status, _, text := g.ask(r.Method, r.Path, "Origin", g.url, "Sec-Fetch-Site", "same-origin")
		assert.NotEqual(g.t, http.StatusForbidden, status, "%s %s: %s", r.Method, r.Path, text)
	}
	assert.Greater(g.t, changing, 8)
}

// keepsSecrets wants no answer to have a secret of the configuration, refusals among them.
func (g *guarded) keepsSecrets() {
	g.t.Helper()
	for _, r := range g.routes() {
		for _, query := range []string{"", "?format=json", "?x=%7B%7D&component=none", "?limit=x&from=x"} {
			_, header, text := g.ask(r.Method, r.Path+query)
			for _, secret := range []string{consolePassword, sentinelSecret, databaseSecret, webhookSecret, g.as} {
				assert.NotContains(g.t, text, secret, "%s %s%s", r.Method, r.Path, query)
				assert.NotContains(g.t, fmt.Sprint(header), secret, "%s %s%s", r.Method, r.Path, query)
			}
		}
	}
}

// issuer is an OpenID provider with one key.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func startIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	i := &issuer{key: key}
	mux := http.NewServeMux()
	answer := func(path string, v func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(v())
		})
	}
	answer("/.well-known/openid-configuration", func() any {
		return section{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/login", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		}
	})
	answer("/keys", func() any {
		number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
		return section{"keys": []section{{"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "n": number(key.N), "e": number(big.NewInt(int64(key.E)))}}}
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// token is one for an audience, signed with a key.
func (i *issuer) token(t *testing.T, algorithm, audience string, expires time.Time, key *rsa.PrivateKey) string {
	t.Helper()
	part := func(v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(section{"alg": algorithm, "kid": "one"}) + "." +
		part(section{"iss": i.URL, "sub": "watcher", "aud": audience, "exp": expires.Unix(), "iat": time.Now().Add(-time.Hour).Unix()})
	if key == nil {
		return "Bearer " + signed + "."
	}
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return "Bearer " + signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestConsoleOIDC(t *testing.T) {
	t.Parallel()
	i := startIssuer(t)
	another, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	g := startGuarded(t, i.token(t, "RS256", "assay", later, i.key), section{"auth": section{"authenticator": "oidc"}}, section{
		"oidc": section{"providers": []section{{"issuer_url": i.URL, "audience": "assay"}}},
	})
	g.admits(map[string]string{
		"nobody": "", "expired": i.token(t, "RS256", "assay", before, i.key), "another audience": i.token(t, "RS256", "elsewhere", later, i.key),
		"another key": i.token(t, "RS256", "assay", later, another), "unsigned": i.token(t, "none", "assay", later, nil), "no token": "Bearer x",
	})
	g.end()
}

func TestConsoleTLS(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	defer certified.Close()
	dir, pair := t.TempDir(), certified.TLS.Certificates[0]
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	write := func(name, kind string, content []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600))
		return file
	}
	g := startGuarded(t, "", section{
		"tls": section{"cert_file": write("cert.pem", "CERTIFICATE", pair.Certificate[0]), "key_file": write("key.pem", "PRIVATE KEY", der)},
	}, nil)
	status, _, _ := g.ask(http.MethodGet, "/")
	assert.Equal(t, http.StatusBadRequest, status, "without TLS")
	pool := x509.NewCertPool()
	pool.AddCert(certified.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	g.client, g.url = &http.Client{Transport: transport}, strings.Replace(g.url, "http://", "https://", 1)
	status, _, page := g.ask(http.MethodGet, "/", "Accept", "text/html")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, page, "<title>")
	for _, r := range g.routes() {
		status, _, text := g.ask(r.Method, r.Path)
		assert.NotEqual(t, http.StatusInternalServerError, status, "%s %s: %s", r.Method, r.Path, text)
	}
	g.end()
}
