package consoleextension

import (
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/confmap"
)

// Links lead to where people reach the console.
func TestURL(t *testing.T) {
	for _, tt := range []struct {
		endpoint, external string
		tls                bool
		want               string
	}{
		{"localhost:4000", "", false, "http://localhost:4000"},
		{"localhost:4000", "", true, "https://localhost:4000"},
		{"[::1]:4000", "", false, "http://[::1]:4000"},
		{"assay.example:4000", "", false, "http://assay.example:4000"},
		{"0.0.0.0:4000", "", false, ""},
		{"[::]:4000", "", false, ""},
		{":4000", "", false, ""},
		{"0.0.0.0:4000", "https://console.example.org/assay/", false, "https://console.example.org/assay"},
	} {
		c := createDefaultConfig().(*Config)
		c.NetAddr.Endpoint, c.ExternalURL = tt.endpoint, externalURL(tt.external)
		if tt.tls {
			c.TLS = configoptional.Some(configtls.ServerConfig{Config: configtls.Config{MinVersion: tls.VersionName(tls.VersionTLS12)}})
		}
		require.NoError(t, c.ExternalURL.validate())
		assert.Equal(t, tt.want, unstarted(t, c).URL(), tt.endpoint)
	}
	e := started(t, nil, nil)
	assert.Equal(t, "http://"+e.address.String(), e.URL(), "the port that was chosen, not 0")
}

func TestConfigOfNamesAndURL(t *testing.T) {
	c := createDefaultConfig().(*Config)
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"endpoint": "0.0.0.0:4000", "external_url": "https://console.example.org", "allowed_hosts": []any{"assay"},
	}).Unmarshal(c))
	require.NoError(t, c.Validate())
	assert.Equal(t, externalURL("https://console.example.org"), c.ExternalURL)
	assert.Equal(t, []string{"assay"}, c.AllowedHosts)
}

func TestValidateNamesAndURL(t *testing.T) {
	c := createDefaultConfig().(*Config)
	c.ExternalURL = "console.example.org"
	c.AllowedHosts = []string{"console.example.org", "", "https://console.example.org", "*.example.org", "a b", "[::1]:80", "example.org/x", "a..b", "name:4000", "10.0.0.1"}
	const form = "must be a host name such as console.example.org, or an address, without scheme, path or wildcard, got "
	require.EqualError(t, c.Validate(), `external_url: must be a URL such as https://console.example.org/assay, got "console.example.org"
allowed_hosts::1: `+form+`""
allowed_hosts::2: `+form+`"https://console.example.org"
allowed_hosts::3: `+form+`"*.example.org"
allowed_hosts::4: `+form+`"a b"
allowed_hosts::6: `+form+`"example.org/x"
allowed_hosts::7: `+form+`"a..b"`)
	for wrong, want := range map[string]string{
		"ftp://console.example.org":       "external_url: must be a URL such as",
		"https://":                        "external_url: must be a URL such as",
		"https://console.example.org/?a=": "external_url: must have nothing but scheme, host, port and path",
		"https://u:secret@example.org":    `got "https://u:xxxxx@example.org"`,
		"https://console.example.org/#a":  "external_url: must have nothing but",
		"https://*.example.org":           "external_url: its host must be a host name",
		"https://a:b":                     "external_url: must be a URL such as",
	} {
		require.ErrorContains(t, externalURL(wrong).validate(), want, wrong)
	}
}
