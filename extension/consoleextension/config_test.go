package consoleextension

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/config/configoptional"
)

// The defaults are a contract.
func TestDefaultConfig(t *testing.T) {
	c := createDefaultConfig().(*Config)
	require.NoError(t, c.Validate())
	assert.Equal(t, "localhost:4000", c.NetAddr.Endpoint)
	assert.Equal(t, int64(1<<20), c.MaxRequestBodySize)
	assert.Equal(t, []time.Duration{10 * time.Second, 30 * time.Second, 30 * time.Second, time.Minute},
		[]time.Duration{c.ReadHeaderTimeout, c.ReadTimeout, c.WriteTimeout, c.IdleTimeout})
	assert.False(t, c.CORS.HasValue())
}

func TestValidateSaysWhatIsWrong(t *testing.T) {
	c := createDefaultConfig().(*Config)
	c.NetAddr.Endpoint = "4000"
	c.MaxRequestBodySize = -1
	c.CORS = configoptional.Some(confighttp.CORSConfig{AllowedOrigins: []string{"https://a.example", "*", "https://*.b.example"}})
	require.EqualError(t, c.Validate(), `endpoint: must be host:port, such as localhost:4000, got "4000"
max_request_body_size: must be positive, got -1
cors::allowed_origins::1: name each origin in full: a wildcard opens the console to pages of others, got "*"
cors::allowed_origins::2: name each origin in full: a wildcard opens the console to pages of others, got "https://*.b.example"`)
	c = createDefaultConfig().(*Config)
	c.NetAddr.Endpoint = ""
	require.EqualError(t, c.Validate(), "endpoint: must be host:port, such as localhost:4000, got an empty string")
}

// A start warns where anybody on the network could change queries.
func TestOpenToTheNetwork(t *testing.T) {
	for endpoint, open := range map[string]bool{
		"localhost:4000": false, "127.0.0.1:4000": false, "[::1]:4000": false,
		"0.0.0.0:4000": true, ":4000": true, "10.0.0.1:4000": true, "assay.example:4000": true,
	} {
		c := createDefaultConfig().(*Config)
		c.NetAddr.Endpoint = endpoint
		assert.Equal(t, open, c.open(), endpoint)
		c.Auth = configoptional.Some(confighttp.AuthConfig{Config: configauth.Config{}})
		assert.False(t, c.open(), endpoint)
	}
}

func pemOf(t *testing.T, pair tls.Certificate) (certificate, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
