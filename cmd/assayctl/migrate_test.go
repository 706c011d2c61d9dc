package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	migratable = `processors:
  tail_sampling: # ours
    policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]
service: {pipelines: {traces: {processors: [tail_sampling]}}}
`
	withLoss = `processors: {tail_sampling: {policies: [{name: mine, type: my_extension}]}}`
)

func written(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o640))
	return path
}

func TestMigrateExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		flags  []string
		code   int
		err    string
	}{
		"migrated":               {migratable, nil, exitOK, "1 differ, 0 without a counterpart"},
		"strict":                 {migratable, []string{"--strict"}, exitFailed, "each kept with probability 0.01"},
		"strict, and the same":   {migratable, []string{"--strict", "--rest", "0"}, exitOK, "0 differ, 0 without a counterpart"},
		"lost":                   {withLoss, nil, exitFailed, "1 without a counterpart"},
		"nothing to migrate":     {"processors: {batch: }", nil, exitUsage, "no tail_sampling processor"},
		"no configuration":       {"{", nil, exitUsage, "not YAML"},
		"empty":                  {"", nil, exitUsage, "the file is empty"},
		"a share that is none":   {migratable, []string{"--rest", "2"}, exitUsage, "rest: must be between 0 and 1, got 2"},
		"two places to write to": {migratable, []string{"--in-place", "--out", "x"}, exitUsage, "none of the others can be"},
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t, c.config)
			code, out, errOut := migrated(t, append([]string{path}, c.flags...)...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, errOut, c.err)
			assert.Equal(t, c.code == exitUsage, out == "")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, c.config, string(after), "the file is only read")
		})
	}
	code, _, errOut := migrated(t, filepath.Join(t.TempDir(), "none.yaml"))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errOut, "no such file")
	code, _, _ = migrated(t)
	assert.Equal(t, exitUsage, code)
}

func TestMigrateWritesFiles(t *testing.T) {
	path := written(t, migratable)
	_, printed, _ := migrated(t, path)
	link := filepath.Join(t.TempDir(), "link.yaml")
	require.NoError(t, os.Symlink(path, link))

	other := filepath.Join(t.TempDir(), "new.yaml")
	code, out, _ := migrated(t, "-o", other, path)
	require.Equal(t, exitOK, code)
	assert.Empty(t, out)
	assert.Equal(t, printed, read(t, other))

	code, out, _ = migrated(t, "--in-place", link)
	require.Equal(t, exitOK, code)
	assert.Empty(t, out)
	assert.Equal(t, printed, read(t, path), "through the link")
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())

	code, _, errOut := migrated(t, "--in-place", path)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errOut, "nothing to migrate")
	assert.Equal(t, printed, read(t, path))
	code, _, errOut = migrated(t, "-o", filepath.Join(t.TempDir(), "none", "new.yaml"), written(t, migratable))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errOut, "no such file")
}

// migrated runs the command.
func migrated(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	r := assayctl(t, "", append([]string{"migrate"}, args...)...)
	return r.code, r.out, r.err
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func TestMigrateListsJSON(t *testing.T) {
	_, _, errOut := migrated(t, "--json", written(t, migratable))
	var list []struct {
		Line                               int
		Processor, Subject, Kind, Was, Now string
	}
	require.NoError(t, json.Unmarshal([]byte(errOut), &list))
	require.Len(t, list, 3)
	last := list[2]
	assert.Equal(t, 3, last.Line)
	assert.Equal(t, "tail_sampling", last.Processor)
	assert.Equal(t, "errors", last.Subject)
	assert.Equal(t, "same", last.Kind)
	assert.Equal(t, "status_code, sampled traces with an error", last.Was)
	assert.True(t, strings.HasPrefix(last.Now, "rule errors keeps"), last.Now)
}

// What migrate writes is what simulate and the collector read.
func TestMigratedConfigurationSimulates(t *testing.T) {
	path := written(t, migratable)
	code, _, _ := migrated(t, "--in-place", path)
	require.Equal(t, exitOK, code)
	r := assayctl(t, "", "simulate", "--quiet", "--config", path, hotrod)
	require.Equal(t, exitOK, r.code, r.err)
	assert.Contains(t, r.out, "rule:errors")

	r = assayctl(t, migratable, "migrate", "-")
	assert.Equal(t, exitOK, r.code)
	assert.Equal(t, read(t, path), r.out)
	assert.Equal(t, exitUsage, assayctl(t, migratable, "migrate", "--in-place", "-").code)
}
