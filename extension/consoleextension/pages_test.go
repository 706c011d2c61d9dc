package consoleextension

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

// answered is an answer whose body has been read.
type answered struct {
	StatusCode int
	Header     http.Header
}

func (e *consoleExtension) read(t *testing.T, path string, headers ...string) (answered, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	response := e.send(t, client, "http", http.MethodGet, path, headers...)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return answered{response.StatusCode, response.Header}, string(text)
}

// A browser gets the page, a script the list of what there is.
func TestIndex(t *testing.T) {
	e := started(t, nil, nil)
	response, text := e.read(t, "/", "Accept", browser)
	assert.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"))
	assert.Contains(t, text, "<title>Assay</title>")
	assert.Equal(t, []string{"Accept", "Accept-Encoding"}, response.Header.Values("Vary"))

	csp := response.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"} {
		assert.Contains(t, csp, part)
	}
	assert.NotContains(t, csp, "unsafe")

	for _, path := range []string{"/", "/api/console"} {
		status, list := e.ask(t, http.MethodGet, path)
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, map[string]any{"name": "assay console", "version": "1.2.3", "trace_url": "", "routes": []any{}}, list, path)
	}
}

func TestFiles(t *testing.T) {
	e := started(t, nil, nil)
	response, text := e.read(t, "/assets/main-abc.js", "Accept-Encoding", "br, gzip")
	assert.Equal(t, "text/javascript; charset=utf-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	assert.Equal(t, "private, max-age=31536000, immutable", response.Header.Get("Cache-Control"))
	assert.Less(t, len(text), 200, "it is compressed")

	response, text = e.read(t, "/assets/main-abc.js")
	assert.Empty(t, response.Header.Get("Content-Encoding"))
	assert.Equal(t, string(built["assets/main-abc.js"].Data), text)
	response, text = e.read(t, "/assets/main-abc.js", "If-None-Match", response.Header.Get("ETag"))
	assert.Equal(t, http.StatusNotModified, response.StatusCode)
	assert.Empty(t, text)

	response, _ = e.read(t, "/icon.svg")
	assert.Equal(t, "image/svg+xml", response.Header.Get("Content-Type"))
	assert.Equal(t, "no-cache", response.Header.Get("Cache-Control"), "its name does not change with its content")
}

func TestWhatIsNoFile(t *testing.T) {
	e := started(t, nil, nil)
	for _, path := range []string{"/.gitkeep", "/index.html", "/assets/", "/assets/../index.go", "/assets/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd"} {
		response, text := e.read(t, path)
		assert.Equal(t, http.StatusNotFound, response.StatusCode, path)
		assert.Contains(t, text, `"message"`, path)
	}
	status, _ := e.ask(t, http.MethodPost, "/icon.svg")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
}

// A binary that was built without Node says how to build the pages, and answers everything else.
func TestUnbuilt(t *testing.T) {
	none, err := newPages(fstest.MapFS{".gitkeep": {}})
	require.NoError(t, err)
	e := started(t, nil, nil)
	e.profile.pages = none
	_, err = e.Register(one, nil)
	require.NoError(t, err)
	response, text := e.read(t, "/", "Accept", browser)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Contains(t, text, "<code>make build</code>")
	_, text = e.read(t, "/")
	assert.True(t, strings.HasPrefix(text, "{"), text)
}

type broken struct{ fs.FS }

func (broken) Open(string) (fs.File, error) { return nil, errors.New("gone") }

func TestUnreadablePages(t *testing.T) {
	_, err := newPages(broken{})
	require.EqualError(t, err, "the console's pages cannot be read: gone")
}
