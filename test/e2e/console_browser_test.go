package e2e

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browser runs the tests in ui/browser, which drive a real one.
type browser struct{ node, pages string }

// newBrowser finds what these tests need: Node, Chromium, and the packages of the pages.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{pages: filepath.Join(repository(t), "ui")}
	var err error
	if b.node, err = exec.LookPath("node"); err != nil {
		lacking(t, "no node: install Node 20 or newer")
	}
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	if _, err = os.Stat(chromium); err != nil {
		lacking(t, "no browser at "+chromium+": install chromium, or set CHROMIUM")
	}
	if _, err = os.Stat(filepath.Join(b.pages, "node_modules", "playwright-core")); err != nil {
		lacking(t, "no packages in ui/node_modules: run make build, or npm ci in ui")
	}
	return b
}

// test runs tests of ui/browser by their names against the console at address, one after the other. Their output and their result are those
// of t. The browser shares the processors with the collector that it looks at, so what fails is tried once more, and the log says so.
func (b *browser) test(t *testing.T, address string, names ...string) {
	t.Helper()
	requirePages(t, address)
	for _, name := range names {
		err := b.run(t, address, name)
		if err != nil {
			t.Logf("%s has failed, and is tried once more", name)
			err = b.run(t, address, name)
		}
		require.NoError(t, err, name)
	}
}

// run runs the tests of one file.
func (b *browser) run(t *testing.T, address, name string) error {
	t.Helper()
	const most = 6 * time.Minute // one at most on a machine that has nothing else to do
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.node, "--test", "--test-reporter=spec", filepath.Join("browser", name+".test.mjs"))
	cmd.Dir = b.pages
	cmd.Env = append(os.Environ(), "ASSAY_CONSOLE=http://"+address, "NO_COLOR=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // on which it ends its browsers
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	t.Logf("%s\n%s", cmd, output)
	return err
}

// requirePages asks for the page that a browser gets: a binary that was built without pages cannot be tested.
func requirePages(t *testing.T, address string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/", nil)
	require.NoError(t, err)
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	if strings.Contains(string(body), "built without the console's pages") {
		lacking(t, "the binary was built without the console's pages: run make build")
	}
}
