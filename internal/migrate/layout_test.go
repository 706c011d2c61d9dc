package migrate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/golden"
)

// Whatever a file looks like, only the processors and their names change.
func TestLayouts(t *testing.T) {
	files, err := filepath.Glob("testdata/layouts/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			in, err := os.ReadFile(file)
			require.NoError(t, err)
			result, err := Migrate(in, Options{Rest: DefaultRest})
			require.NoError(t, err)
			golden.Equal(t, "layouts/"+name+".golden", string(result.Output))
			var text strings.Builder
			require.NoError(t, result.WriteText(&text))
			golden.Equal(t, "layouts/"+name+".differences", text.String())
			assert.Equal(t, bytes.Count(in, []byte("\r\n")) > 0, bytes.Count(result.Output, []byte("\r\n")) == bytes.Count(result.Output, []byte("\n")))
			assert.Equal(t, bytes.HasSuffix(in, []byte("\n")), bytes.HasSuffix(result.Output, []byte("\n")))
			again, err := Migrate(in, Options{Rest: DefaultRest})
			require.NoError(t, err)
			assert.Equal(t, result.Output, again.Output, "the same every time")
		})
	}
}

func TestFilesThatCannotBeMigrated(t *testing.T) {
	const end = "\nservice: {pipelines: {traces: {processors: [tail_sampling]}}}\n"
	deep := strings.Repeat("[", 20_000)
	var bomb strings.Builder
	bomb.WriteString("a: &a [x,x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c < 'k'; c++ {
		fmt.Fprintf(&bomb, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ","))
	}
	for name, c := range map[string]struct{ in, want string }{
		"empty":                {"", "the file is empty"},
		"only a comment":       {"# nothing\n", "the file is empty"},
		"null":                 {"null\n", "expected a collector configuration"},
		"a word":               {"hello\n", "line 1: expected a collector configuration, a mapping with receivers, processors and service, got \"hello\""},
		"a list":               {"- a\n", "got a list"},
		"no tail_sampling":     {"processors: {batch: }\n", "no tail_sampling processor"},
		"processors is a list": {"processors: [tail_sampling]\n", "no tail_sampling processor"},
		"not YAML":             {"processors:\n  tail_sampling: {policies: [}\n", "not YAML: yaml: line"},
		"tabs":                 {"processors:\n\ttail_sampling:\n", "not YAML"},
		"cut":                  {"processors:\n  tail_sampling:\n    policies: [{name: a", "not YAML"},
		"binary":               {"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8"},
		"UTF-16":               {"\xff\xfep\x00:\x00", "not UTF-8"},
		"two documents":        {"processors: {tail_sampling: }\n---\na: b\n", "a second YAML document begins"},
		"the same key twice":   {"processors:\n  tail_sampling:\n  tail_sampling:\n", `mapping key "tail_sampling" already defined`},
		"deep":                 {"processors: " + deep, "not YAML"},
		"aliases without end":  {bomb.String() + "processors: {tail_sampling: *j}\n", "excessive aliasing"},
		"an alias to itself":   {"processors: &p\n  tail_sampling: {policies: [*p]}\n", "contains itself"},
		"the name is taken":    {"processors:\n  tail_sampling:\n  smart_tail_sampling:" + end, "line 2: tail_sampling cannot become smart_tail_sampling, which is there already (line 3)"},
		"used from outside":    {"processors:\n  tail_sampling: {decision_wait: &w 5s}\n  other: {timeout: *w}" + end, "line 3: refers to &w (line 2)"},
		"merged":               {"extensions: {x: &x {tail_sampling: }}\nprocessors:\n  tail_sampling/a:\n  <<: *x" + end, "is merged into processors from here"},
		"an alias":             {"x: &x {tail_sampling: }\nprocessors: *x\n", "line 2: processors is an alias (*x)"},
		"a complex key":        {"processors:\n  ? tail_sampling\n  : {policies: []}\n", "line 2: tail_sampling does not begin its line"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Migrate([]byte(c.in), Options{})
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, result)
		})
	}
	_, err := Migrate(make([]byte, MaxBytes+1), Options{})
	require.ErrorContains(t, err, "more than 64 MiB")
	for _, rest := range []float64{-0.1, 1.1} {
		_, err := Migrate([]byte("processors: {tail_sampling: }"), Options{Rest: rest})
		require.ErrorContains(t, err, "rest: must be between 0 and 1")
	}
}

// A section of which nothing can be made is listed as lost, and what takes its place is valid.
func TestSectionsOfWhichNothingCanBeMade(t *testing.T) {
	for name, in := range map[string]string{
		"a number":               "processors: {tail_sampling: 5}\n",
		"a list":                 "processors:\n  tail_sampling: [a]\n",
		"policies are a number":  "processors:\n  tail_sampling:\n    policies: 7\n",
		"policies from a file":   "processors:\n  tail_sampling:\n    policies: ${file:policies.yaml}\n",
		"a policy with a list":   "processors:\n  tail_sampling:\n    policies: [{name: [a], type: {b: c}}]\n",
		"policies in policies":   "a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nprocessors: {tail_sampling: {policies: [*c]}}\n",
		"a wait that is none":    "processors:\n  tail_sampling: {decision_wait: soon}\n",
		"an option that is none": "processors:\n  tail_sampling: {decision_weight: 5s}\n",
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Migrate([]byte(in), Options{Rest: DefaultRest})
			require.NoError(t, err)
			assert.Equal(t, Lost, result.Worst())
		})
	}
}

// What is more than smart_tail_sampling takes is listed, and does not take for ever.
func TestVeryManyPolicies(t *testing.T) {
	var b strings.Builder
	b.WriteString("processors:\n  tail_sampling:\n    policies:\n")
	const many = 20_000
	for n := range many {
		kind := []string{
			"type: status_code, status_code: {status_codes: [OK]}", "type: latency, latency: {threshold_ms: " + number(float64(n)) + "}",
			"type: string_attribute, string_attribute: {key: k" + number(float64(n)) + ", values: [v], invert_match: true}",
		}[n%3]
		b.WriteString("      - {name: p" + number(float64(n)) + ", " + kind + "}\n")
	}
	result, err := Migrate([]byte(b.String()), Options{Rest: DefaultRest})
	require.NoError(t, err)
	listed := 0
	for _, d := range result.Differences {
		if d.Subject[0] == 'p' {
			listed++
		}
	}
	assert.Equal(t, many, listed)
	assert.Equal(t, Lost, result.Worst())
}

// Nothing that is read makes it panic, and what it writes passes its own check.
func FuzzMigrate(f *testing.F) {
	for _, pattern := range []string{"testdata/cases/*/old.yaml", "testdata/layouts/*.yaml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			in, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		result, err := Migrate(in, Options{Rest: DefaultRest})
		if err != nil {
			assert.NotContains(t, err.Error(), "please report it", "%s", in)
			return
		}
		_, err = Migrate(result.Output, Options{})
		assert.ErrorIs(t, err, ErrNothing)
	})
}
