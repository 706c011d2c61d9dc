package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const minimal = `
receivers: {nop: }
exporters: {nop: }
service: {pipelines: {traces: {receivers: [nop], exporters: [nop]}}}
`

// manifest is the part of builder-config.yaml that says what is in the binary.
type manifest struct {
	Dist struct {
		Name, Description, Version string
	}
	Extensions, Receivers, Processors, Exporters, Connectors, Providers []struct {
		GoMod string `yaml:"gomod"`
	}
}

func readManifest(t *testing.T) manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "builder-config.yaml"))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, yaml.Unmarshal(text, &m))
	return m
}

func TestVersion(t *testing.T) {
	t.Parallel()
	dist := readManifest(t).Dist
	result := run(t, nil, "--version")
	assert.Zero(t, result.code)
	assert.Equal(t, dist.Name+" version "+dist.Version+"\n", result.stdout)
}

// TestComponents compares what the binary says it contains with the manifest it was built from.
func TestComponents(t *testing.T) {
	t.Parallel()
	m := readManifest(t)
	result := run(t, nil, "components")
	require.Zero(t, result.code, result.stderr)
	type listed []struct{ Name, Module string }
	var got struct {
		Extensions, Receivers, Processors, Exporters, Connectors listed
		Providers                                                []struct{ Scheme, Module string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(result.stdout), &got))

	for kind, pair := range map[string]struct {
		want []struct {
			GoMod string `yaml:"gomod"`
		}
		got listed
	}{
		"extensions": {m.Extensions, got.Extensions},
		"receivers":  {m.Receivers, got.Receivers},
		"processors": {m.Processors, got.Processors},
		"exporters":  {m.Exporters, got.Exporters},
		"connectors": {m.Connectors, got.Connectors},
	} {
		var want, have []string
		for _, component := range pair.want {
			want = append(want, component.GoMod)
		}
		for _, component := range pair.got {
			have = append(have, component.Module)
		}
		assert.ElementsMatch(t, want, have, kind)
	}
	var schemes []string
	for _, provider := range got.Providers {
		schemes = append(schemes, provider.Scheme)
	}
	assert.ElementsMatch(t, []string{"env", "file", "http", "https", "yaml"}, schemes)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args   []string
		code   int
		stderr string // what the message must contain
	}{
		"valid":             {args: []string{"--config=yaml:" + minimal}},
		"unknown component": {args: []string{"--config=yaml:" + minimal, "--config=yaml:processors::nope:"}, code: 1, stderr: `unknown type: "nope"`},
		"unknown key":       {args: []string{"--config=yaml:" + minimal, "--set=exporters.nop.colour=red"}, code: 1, stderr: "colour"},
		"dangling pipeline": {args: []string{"--config=yaml:" + minimal, "--config=yaml:service::pipelines::logs::receivers: [nop]"}, code: 1, stderr: "service::pipelines::logs: must have at least one exporter"},
		"missing file":      {args: []string{"--config=absent.yaml"}, code: 1, stderr: "absent.yaml"},
		"no configuration":  {code: 1, stderr: "at least one config flag must be provided"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := run(t, nil, append([]string{"validate"}, test.args...)...)
			assert.Equal(t, test.code, result.code, result.stderr)
			assert.Contains(t, result.stderr, test.stderr)
		})
	}
}

func TestFeatureGate(t *testing.T) {
	t.Parallel()
	all := run(t, nil, "featuregate")
	assert.Zero(t, all.code, all.stderr)
	assert.Regexp(t, `(?m)^service\.AllowNoPipelines +false +Alpha`, all.stdout)

	one := run(t, nil, "featuregate", "service.AllowNoPipelines")
	assert.Zero(t, one.code, one.stderr)
	assert.Contains(t, one.stdout, "Enabled: false")

	unknown := run(t, nil, "featuregate", "nope")
	assert.Equal(t, 1, unknown.code)
	assert.Contains(t, unknown.stderr, `"nope" not found`)
}

// TestFeatureGatesFlag switches on a gate that makes an otherwise refused configuration run.
func TestFeatureGatesFlag(t *testing.T) {
	t.Parallel()
	none := "--config=yaml:service::telemetry::metrics::level: none"
	assert.Equal(t, 1, run(t, nil, "validate", none, "--config=yaml:receivers::nop:").code)
	c := start(t, nil, none, "--config=yaml:receivers::nop:", "--feature-gates=service.AllowNoPipelines")
	c.stop(t)

	unknown := run(t, nil, "validate", "--config=yaml:"+minimal, "--feature-gates=nope")
	assert.Equal(t, 1, unknown.code)
	assert.Contains(t, unknown.stderr, `no such feature gate "nope"`)
}

func TestPrintConfig(t *testing.T) {
	t.Parallel()
	secret := "--config=yaml:" + strings.TrimSpace(minimal) + `
extensions: {bearertokenauth: {token: hush}}
`
	for name, test := range map[string]struct {
		args  []string
		token string
	}{
		"redacted by default": {[]string{"print-config"}, "[REDACTED]"},
		"unredacted":          {[]string{"print-config", "--mode=unredacted"}, "hush"},
		"as JSON":             {[]string{"print-config", "--format=json"}, "[REDACTED]"},
		"former name":         {[]string{"print-initial-config"}, "[REDACTED]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := run(t, nil, append(test.args, secret)...)
			require.Zero(t, result.code, result.stderr)
			assert.Equal(t, test.token, lookup(t, result.stdout, "extensions", "bearertokenauth", "token"))
		})
	}
}

// lookup returns the value at path in a YAML or JSON text.
func lookup(t *testing.T, text string, path ...string) any {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(text), &value), text)
	for _, key := range path {
		in, ok := value.(section)
		require.Truef(t, ok, "no %v in:\n%s", path, text)
		value = in[key]
	}
	return value
}
