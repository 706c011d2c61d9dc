package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseEndpoint(t *testing.T) {
	tests := []struct {
		endpoint string
		protocol Protocol
		want     Target
	}{
		{"localhost:4317", Unset, Target{GRPC, false, "localhost:4317", "localhost:4317"}},
		{"localhost:4318", Unset, Target{HTTP, false, "http://localhost:4318/v1/traces", "localhost:4318"}},
		{"localhost", Unset, Target{GRPC, false, "localhost:4317", "localhost:4317"}},
		{"localhost", HTTP, Target{HTTP, false, "http://localhost:4318/v1/traces", "localhost:4318"}},
		{"127.0.0.1:9999", Unset, Target{GRPC, false, "127.0.0.1:9999", "127.0.0.1:9999"}},
		{"127.0.0.1:9999", HTTP, Target{HTTP, false, "http://127.0.0.1:9999/v1/traces", "127.0.0.1:9999"}},
		{"[::1]:4317", Unset, Target{GRPC, false, "[::1]:4317", "[::1]:4317"}},
		{"http://localhost:4317", Unset, Target{GRPC, false, "localhost:4317", "localhost:4317"}},
		{"http://localhost:4318", Unset, Target{HTTP, false, "http://localhost:4318/v1/traces", "localhost:4318"}},
		{"http://localhost:80/", Unset, Target{HTTP, false, "http://localhost:80/v1/traces", "localhost:80"}},
		{"http://localhost", Unset, Target{HTTP, false, "http://localhost:4318/v1/traces", "localhost:4318"}},
		{"https://otlp.example.com", Unset, Target{HTTP, true, "https://otlp.example.com:443/v1/traces", "otlp.example.com:443"}},
		{"https://otlp.example.com/otlp", Unset, Target{HTTP, true, "https://otlp.example.com:443/otlp/v1/traces", "otlp.example.com:443"}},
		{"https://otlp.example.com/v1/traces/", Unset, Target{HTTP, true, "https://otlp.example.com:443/v1/traces", "otlp.example.com:443"}},
		{"https://otlp.example.com", GRPC, Target{GRPC, true, "otlp.example.com:443", "otlp.example.com:443"}},
		{"otlp.example.com:4317", Unset, Target{GRPC, true, "otlp.example.com:4317", "otlp.example.com:4317"}},
		{"otlp.example.com:4318", Unset, Target{HTTP, true, "https://otlp.example.com:4318/v1/traces", "otlp.example.com:4318"}},
		{"unix:///run/otel.sock", Unset, Target{GRPC, false, "unix:///run/otel.sock", "/run/otel.sock"}},
	}
	for _, tt := range tests {
		t.Run(tt.endpoint+" "+string(tt.protocol), func(t *testing.T) {
			got, err := ParseEndpoint(tt.endpoint, tt.protocol)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseEndpointErrors(t *testing.T) {
	for _, tt := range []struct {
		endpoint string
		protocol Protocol
		want     string
	}{
		{"", Unset, "must name a host"},
		{":4317", Unset, "must name a host"},
		{"localhost:port", Unset, "must be host:port"},
		{"ftp://localhost:4317", Unset, "must be host:port or an http:// or https:// URL"},
		{"http://user:secret@localhost:4318", Unset, "must have no user"},
		{"http://localhost:4318?x=1", Unset, "must have no user, query"},
		{"http://localhost:4317/v1/traces", Unset, "gRPC takes no path"},
		{"unix:", Unset, "a unix socket needs a path"},
		{"unix:///run/s", HTTP, "a unix socket needs a path and speaks gRPC only"},
		{"localhost:4317", "thrift", `--protocol: must be grpc or http, got "thrift"`},
	} {
		_, err := ParseEndpoint(tt.endpoint, tt.protocol)
		assert.ErrorContains(t, err, tt.want, tt.endpoint)
	}
}

// TLS options overrule what the host name suggests, and contradict a scheme.
func TestTargetTLS(t *testing.T) {
	c := newClientConfig()
	for _, tt := range []struct {
		endpoint string
		change   func(*ClientConfig)
		want     bool
		address  string
	}{
		{"localhost:4317", func(*ClientConfig) {}, false, "localhost:4317"},
		{"localhost:4317", func(c *ClientConfig) { c.CAFile = "ca.pem" }, true, "localhost:4317"},
		{"localhost:4318", func(c *ClientConfig) { c.InsecureSkipVerify = true }, true, "https://localhost:4318/v1/traces"},
		{"collector:4318", func(c *ClientConfig) { c.Insecure = true }, false, "http://collector:4318/v1/traces"},
		{"collector:4317", func(c *ClientConfig) { c.Insecure = true }, false, "collector:4317"},
	} {
		cc := c
		cc.Endpoint = tt.endpoint
		tt.change(&cc)
		got, err := cc.Target()
		require.NoError(t, err)
		assert.Equal(t, tt.want, got.TLS, tt.endpoint)
		assert.Equal(t, tt.address, got.Address)
	}
	c.Endpoint, c.CAFile = "http://localhost:4318", "ca.pem"
	_, err := c.Target()
	assert.ErrorContains(t, err, "says http, the TLS options say otherwise")
}

// Everything that is wrong is named at once, by the flag to change.
func TestValidateNamesEverything(t *testing.T) {
	cfg := NewConfig()
	cfg.Files = []string{"-", "-", "/nonexistent/traces.jsonl"}
	cfg.Speed, cfg.MaxGap, cfg.Repeat, cfg.LimitSpans, cfg.Concurrency, cfg.MaxRequestBytes = -1, -1, -1, -1, 0, 1
	cfg.Client.Endpoint = "a b"
	cfg.Client.Headers = []string{"Authorization: secret"}
	cfg.Client.Compression = "lz4"
	cfg.Client.Timeout, cfg.Client.RetryFor = 0, -time.Second
	cfg.Client.Insecure, cfg.Client.CertFile = true, "cert.pem"
	err := cfg.Validate()
	for _, want := range []string{
		"--speed: must be positive, got -1", "--max-gap", "--repeat", "--limit-spans", "--concurrency", "--max-request-kib",
		"standard input (-) is named 2 times", "trace file /nonexistent/traces.jsonl: no such file or directory",
		"--endpoint", "--header: must be KEY=VALUE", `--compression: must be none, gzip or zstd, got "lz4"`, "--timeout", "--retry-for",
		"--insecure: sends without TLS", "--cert-file and --key-file",
	} {
		require.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), "secret")

	empty := NewConfig()
	assert.ErrorContains(t, empty.Validate(), "no file given")
}
