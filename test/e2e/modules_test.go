package e2e

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// TestSameModules compares the modules in the binary, whose go.mod the builder makes afresh, with those of our own
// go.mod: where they differ, `go test` would test other code than what ships.
func TestSameModules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository(t), "go.mod"))
	require.NoError(t, err)
	ours, err := modfile.Parse("go.mod", text, nil)
	require.NoError(t, err)
	versions := map[string]string{}
	for _, module := range ours.Require {
		versions[module.Mod.Path] = module.Mod.Version
	}

	info, err := buildinfo.ReadFile(binary(t))
	require.NoError(t, err)
	require.NotEmpty(t, info.Deps)
	for _, module := range info.Deps {
		if module.Path == ours.Module.Mod.Path {
			continue // built from this checkout
		}
		assert.Equal(t, versions[module.Path], module.Version,
			"%s: in go.mod, and in the binary; run `go get %[1]s@VERSION` or `make build`", module.Path)
	}
}

// TestCollectorVersion compares the version that the binary shows, ours and behind a plus sign that of the Collector inside, with go.mod.
func TestCollectorVersion(t *testing.T) {
	t.Parallel()
	info, err := buildinfo.ReadFile(binary(t))
	require.NoError(t, err)
	for _, module := range info.Deps {
		if module.Path == "go.opentelemetry.io/collector/otelcol" {
			assert.Contains(t, run(t, nil, "--version").stdout, "+otelcol."+strings.TrimPrefix(module.Version, "v"))
			return
		}
	}
	t.Fatal("no Collector inside")
}
