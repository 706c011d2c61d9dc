package migrate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/migrate"
	"github.com/assayhq/assay/internal/smarttailsampling"
	"github.com/assayhq/assay/test/golden"
)

// processorIn is the configuration of a processor in a collector's configuration, over its defaults, if it is valid.
func processorIn[C any](t require.TestingT, text []byte, id string, into C) C {
	r, err := confmap.NewRetrievedFromYAML(text)
	require.NoError(t, err)
	conf, err := r.AsConf()
	require.NoError(t, err)
	all, err := conf.Sub("processors")
	require.NoError(t, err)
	require.True(t, all.IsSet(id), "%s in\n%s", id, text)
	sub, err := all.Sub(id)
	require.NoError(t, err)
	require.NoError(t, sub.Unmarshal(into), "%s", text)
	require.NoError(t, confmap.Validate(into), "%s", text)
	return into
}

// A whole configuration: the rest of it stays as it is, comments included.
func TestWholeConfiguration(t *testing.T) {
	in, err := os.ReadFile(filepath.Join("testdata", "collector.yaml"))
	require.NoError(t, err)
	r, err := migrate.Migrate(in, migrate.Options{Rest: migrate.DefaultRest})
	require.NoError(t, err)
	golden.Equal(t, "collector.out.yaml", string(r.Output))
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	golden.Equal(t, "collector.differences.txt", text.String())
	processorIn(t, r.Output, "smart_tail_sampling", smarttailsampling.DefaultConfig())
	for _, kept := range []string{"# our gateway", "# stays", "# order matters", "# important", "[memory_limiter, smart_tail_sampling]"} {
		assert.Contains(t, string(r.Output), kept)
	}
	again, err := migrate.Migrate(in, migrate.Options{Rest: migrate.DefaultRest})
	require.NoError(t, err)
	assert.Equal(t, r, again, "the same every time")
}

// What cannot be read is an error that says where; nothing is written then.
func TestBadInput(t *testing.T) {
	for name, one := range map[string]struct{ in, says string }{
		"empty":              {"", "the file is empty"},
		"no tail_sampling":   {"processors: {batch: }\n", "nothing to migrate"},
		"no YAML":            {"processors: [unclosed", "line"},
		"a list":             {"- processors\n", ""},
		"bytes":              {"\x00\xff\xfe", ""},
		"no mapping":         {"processors: {tail_sampling: 5}\n", ""},
		"policies no list":   {"processors:\n  tail_sampling:\n    policies: 7\n", ""},
		"enormous":           {"processors: {tail_sampling: {policies: []}}\n#" + strings.Repeat("x", migrate.MaxBytes), "more than 64 MiB"},
		"aliases that swell": {"a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nprocessors: {tail_sampling: {policies: [*c]}}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := migrate.Migrate([]byte(one.in), migrate.Options{})
			if err != nil {
				assert.Contains(t, err.Error(), one.says)
				return
			}
			require.Empty(t, one.says, "an error was expected")
			processorIn(t, r.Output, "smart_tail_sampling", smarttailsampling.DefaultConfig())
			assert.Equal(t, migrate.Lost, r.Worst())
		})
	}
}

// Whatever the text: an error, or a configuration that is valid.
func FuzzMigrate(f *testing.F) {
	whole, err := os.ReadFile(filepath.Join("testdata", "collector.yaml"))
	require.NoError(f, err)
	f.Add(whole, 0, byte(0))
	for at := 0; at < len(whole); at += 37 {
		f.Add(whole, at, byte('['))
	}
	for _, c := range truths {
		f.Add([]byte(c.config()), 0, byte(0))
	}
	f.Fuzz(func(t *testing.T, in []byte, at int, put byte) {
		in = bytes.Clone(in)
		if len(in) > 0 && put != 0 {
			in[uint(at)%uint(len(in))] = put
		}
		r, err := migrate.Migrate(in, migrate.Options{Rest: 0.01})
		if err != nil {
			return
		}
		conf, err := confmap.NewRetrievedFromYAML(r.Output)
		require.NoError(t, err, "%s", r.Output)
		_, err = conf.AsConf()
		require.NoError(t, err, "%s", r.Output)
	})
}
