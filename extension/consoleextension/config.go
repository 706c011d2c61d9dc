package consoleextension

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"

	"github.com/assayhq/assay/internal/console"
)

// Config of the console extension: a confighttp server, squashed, with defaults for a server that people look at.
type Config struct {
	confighttp.ServerConfig `mapstructure:",squash"`

	// ExternalURL is the address under which people reach the console, for links; the endpoint where it is empty.
	ExternalURL externalURL `mapstructure:"external_url"`
	// AllowedHosts are names under which requests are answered, beside those that the endpoint and ExternalURL imply.
	AllowedHosts []string `mapstructure:"allowed_hosts"`
	// TraceURL is where a trace opens in a tracing backend, with {trace_id} where its id belongs; empty: nowhere.
	TraceURL traceURL `mapstructure:"trace_url"`
	// Serve are the groups of routes that are served, and nothing else; all routes where it is empty.
	Serve []console.Group `mapstructure:"serve"`
	// Title is the heading of the public status page.
	Title string `mapstructure:"title"`
}

var _ confmap.Validator = (*Config)(nil)

const (
	defaultEndpoint = "localhost:4000"
	defaultBodySize = 1 << 20 // requests are queries and small forms
	// Upstream awaits a header for a minute, and a body forever. Browsers send both at once.
	defaultHeaderTimeout = 10 * time.Second
	defaultReadTimeout   = 30 * time.Second
	// mostHeader bounds the header of a request, in bytes: tokens and cookies of proxies have a few KiB.
	mostHeader = 64 << 10
	mostTitle  = 200
)

func createDefaultConfig() component.Config {
	server := confighttp.NewDefaultServerConfig()
	server.NetAddr.Endpoint = defaultEndpoint
	server.MaxRequestBodySize = defaultBodySize
	server.ReadHeaderTimeout, server.ReadTimeout = defaultHeaderTimeout, defaultReadTimeout
	return &Config{ServerConfig: server, Title: "Status"}
}

// Validate reports all that is wrong at once.
func (c *Config) Validate() error {
	var problems []error
	if c.NetAddr.Endpoint == "" {
		problems = append(problems, fmt.Errorf("endpoint: must be host:port, such as %s, got an empty string", defaultEndpoint))
	} else if _, _, err := net.SplitHostPort(c.NetAddr.Endpoint); err != nil && !strings.HasPrefix(string(c.NetAddr.Transport), "unix") {
		problems = append(problems, fmt.Errorf("endpoint: must be host:port, such as %s, got %q", defaultEndpoint, c.NetAddr.Endpoint))
	}
	if c.MaxRequestBodySize < 0 {
		problems = append(problems, fmt.Errorf("max_request_body_size: must be positive, got %d", c.MaxRequestBodySize))
	}
	if err := c.ExternalURL.validate(); err != nil {
		problems = append(problems, err)
	}
	if err := c.TraceURL.validate(); err != nil {
		problems = append(problems, err)
	}
	for i, entry := range c.AllowedHosts {
		if err := checkHost(entry); err != nil {
			problems = append(problems, fmt.Errorf("allowed_hosts::%d: %w", i, err))
		}
	}
	for i, group := range c.Serve {
		if !slices.Contains(console.Groups(), group) {
			problems = append(problems, fmt.Errorf("serve::%d: must be status, got %q; leave serve out to serve everything", i, group))
		}
	}
	if c.Title == "" || len(c.Title) > mostTitle {
		problems = append(problems, fmt.Errorf("title: must have 1 to %d bytes, has %d", mostTitle, len(c.Title)))
	}
	if c.CORS.HasValue() {
		for i, origin := range c.CORS.Get().AllowedOrigins {
			if strings.Contains(origin, "*") {
				problems = append(problems, fmt.Errorf(
					"cors::allowed_origins::%d: name each origin in full: a wildcard opens the console to pages of others, got %q", i, origin))
			}
		}
	}
	return errors.Join(problems...)
}

// open says whether others than this machine can reach the server without proving who they are.
func (c *Config) open() bool {
	host, _, err := net.SplitHostPort(c.NetAddr.Endpoint)
	if err != nil || c.Auth.HasValue() || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}
