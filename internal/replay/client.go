package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configcompression"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configtls"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// ClientConfig says where and how requests are sent.
type ClientConfig struct {
	Endpoint string
	Protocol Protocol // Unset is inferred from the endpoint

	Insecure           bool // no TLS, whatever the endpoint says
	InsecureSkipVerify bool // TLS without looking at the server's certificate
	CAFile             string
	CertFile, KeyFile  string // client certificate
	ServerName         string

	Headers     []string // KEY=VALUE
	Compression string   // none, gzip or zstd

	Timeout  time.Duration // of one request
	RetryFor time.Duration // how long one batch is tried again; 0 is not at all

	UserAgent string
}

func newClientConfig() ClientConfig {
	return ClientConfig{
		Endpoint:    "localhost:" + portGRPC,
		Compression: "none",
		Timeout:     10 * time.Second,
		RetryFor:    30 * time.Second,
		UserAgent:   "assayctl",
	}
}

// Validate names everything that is wrong, by flag.
func (c *ClientConfig) Validate() error {
	_, targetErr := c.Target()
	_, headerErr := c.headers()
	errs := []error{targetErr, headerErr}
	if !slices.Contains([]string{"none", "gzip", "zstd"}, c.Compression) {
		errs = append(errs, fmt.Errorf("--compression: must be none, gzip or zstd, got %q", c.Compression))
	}
	if c.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout: must be positive, got %v", c.Timeout))
	}
	if c.RetryFor < 0 {
		errs = append(errs, fmt.Errorf("--retry-for: must not be negative, got %v", c.RetryFor))
	}
	if c.Insecure && c.tlsAsked() {
		errs = append(errs, errors.New("--insecure: sends without TLS, which --ca-file, --cert-file, --key-file, --server-name"+
			" and --insecure-skip-verify are about; leave one out"))
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		errs = append(errs, errors.New("--cert-file and --key-file: one needs the other"))
	}
	return errors.Join(errs...)
}

// tlsAsked tells that an option was given which makes sense with TLS only.
func (c *ClientConfig) tlsAsked() bool {
	return c.CAFile != "" || c.CertFile != "" || c.KeyFile != "" || c.ServerName != "" || c.InsecureSkipVerify
}

// Target is the endpoint as it will be used.
func (c *ClientConfig) Target() (Target, error) {
	t, err := ParseEndpoint(c.Endpoint, c.Protocol)
	if err != nil {
		return Target{}, err
	}
	tls := (t.TLS || c.tlsAsked()) && !c.Insecure
	if tls != t.TLS && t.Protocol == HTTP {
		scheme, rest, _ := strings.Cut(t.Address, "://")
		if strings.HasPrefix(c.Endpoint, scheme+"://") {
			return Target{}, fmt.Errorf("--endpoint: %s says %s, the TLS options say otherwise", c.Endpoint, scheme)
		}
		t.Address = map[bool]string{true: "https", false: "http"}[tls] + "://" + rest
	}
	t.TLS = tls
	return t, nil
}

func (c *ClientConfig) tls(t Target) configtls.ClientConfig {
	out := configtls.NewDefaultClientConfig()
	out.Insecure = !t.TLS
	out.InsecureSkipVerify = c.InsecureSkipVerify
	out.CAFile, out.CertFile, out.KeyFile = c.CAFile, c.CertFile, c.KeyFile
	out.ServerName = c.ServerName
	return out
}

func (c *ClientConfig) headers() (configopaque.MapList, error) {
	var out configopaque.MapList
	for i, h := range c.Headers {
		key, value, found := strings.Cut(h, "=")
		key = strings.TrimSpace(key)
		if !found || key == "" || strings.ContainsAny(key, " :\r\n") || strings.ContainsAny(value, "\r\n") {
			// It may hold a secret, so it is not shown.
			return nil, fmt.Errorf("--header: must be KEY=VALUE, number %d is not", i+1)
		}
		out.Set(key, configopaque.String(value))
	}
	return out, nil
}

func (c *ClientConfig) compression() configcompression.Type {
	if c.Compression == "none" {
		return ""
	}
	return configcompression.Type(c.Compression)
}

// client sends encoded requests. It may be used by many goroutines.
type client interface {
	// send makes one attempt.
	send(ctx context.Context, body []byte) answer
	close() error
}

// answer is what became of one attempt.
type answer struct {
	err error // nil: the receiver took the request, but for rejected spans

	rejected int64  // partial success: spans that the receiver refused
	message  string // partial success: why; may come without rejected spans, as a warning

	retryable  bool
	retryAfter time.Duration // how long the receiver asks to wait; 0 if it does not say

	// unreached tells that no answer of an OTLP receiver came at all: nothing listens, wrong protocol, TLS.
	unreached bool
	// misdirected tells an answer that will be the same for every request: no such route, not allowed.
	misdirected bool
	// timedOut tells that no answer came within the timeout.
	timedOut bool
}

func newClient(ctx context.Context, c *ClientConfig, concurrency int) (client, error) {
	t, err := c.Target()
	if err != nil {
		return nil, err
	}
	if t.Protocol == HTTP {
		return newHTTPClient(ctx, c, t, concurrency)
	}
	return newGRPCClient(ctx, c, t)
}

// noTelemetry keeps the Collector's client libraries from measuring themselves.
func noTelemetry() component.TelemetrySettings {
	return component.TelemetrySettings{
		Logger:         zap.NewNop(),
		TracerProvider: nooptrace.NewTracerProvider(),
		MeterProvider:  noopmetric.NewMeterProvider(),
	}
}
