package replay

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Protocol is an OTLP transport.
type Protocol string

// The transports of OTLP with protobuf bodies. Unset is inferred from the endpoint.
const (
	Unset Protocol = ""
	GRPC  Protocol = "grpc"
	HTTP  Protocol = "http"
)

const (
	portGRPC = "4317"
	portHTTP = "4318"
	pathHTTP = "/v1/traces"
)

// Target is where traces are sent to, read from what a person writes as an endpoint.
type Target struct {
	Protocol Protocol
	TLS      bool
	Address  string // gRPC: host:port or unix:path; HTTP: the URL of the traces route
	Host     string // host:port or the path of a socket, for messages
}

// String is how messages name the target.
func (t Target) String() string {
	if t.Protocol == HTTP {
		return t.Address
	}
	return "gRPC " + t.Address
}

// ParseEndpoint reads host, host:port, http://host:port/path, https://... and unix:///path.
//
// Without a protocol, port 4317 means gRPC and 4318 HTTP; other ports mean HTTP behind http:// or https:// and gRPC without.
// Without a port it is the one of the protocol, or 443 behind https://. TLS is on for https://, off for http://, and
// without a scheme on unless the host is this machine. An HTTP path that does not end in /v1/traces gets it appended.
func ParseEndpoint(endpoint string, protocol Protocol) (Target, error) {
	fail := func(format string, args ...any) (Target, error) {
		return Target{}, fmt.Errorf("--endpoint: %s, got %q; such as localhost:4317 or http://localhost:4318",
			fmt.Sprintf(format, args...), endpoint)
	}
	switch protocol {
	case Unset, GRPC, HTTP:
	default:
		return Target{}, fmt.Errorf("--protocol: must be grpc or http, got %q", protocol)
	}
	if strings.HasPrefix(endpoint, "unix:") {
		path := strings.TrimPrefix(strings.TrimPrefix(endpoint, "unix:"), "//")
		if path == "" || protocol == HTTP {
			return fail("a unix socket needs a path and speaks gRPC only")
		}
		return Target{Protocol: GRPC, Address: endpoint, Host: path}, nil
	}
	u, err := url.Parse(endpoint)
	schemed := err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(endpoint, "://")
	if !schemed {
		if strings.Contains(endpoint, "://") {
			return fail("must be host:port or an http:// or https:// URL")
		}
		if u, err = url.Parse("//" + endpoint); err != nil {
			return fail("must be host:port or a URL")
		}
	}
	if u.Hostname() == "" {
		return fail("must name a host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fail("must have no user, query or fragment (use --header for credentials)")
	}
	port := u.Port()
	if protocol == Unset {
		protocol = inferProtocol(port, schemed)
	}
	if port == "" {
		port = defaultPort(protocol, u.Scheme)
	}
	t := Target{Protocol: protocol, Host: net.JoinHostPort(u.Hostname(), port)}
	t.TLS = u.Scheme == "https" || !schemed && !isLocal(u.Hostname())
	if protocol == GRPC {
		if strings.Trim(u.Path, "/") != "" {
			return fail("gRPC takes no path")
		}
		t.Address = t.Host
		return t, nil
	}
	scheme := "http"
	if t.TLS {
		scheme = "https"
	}
	path := strings.TrimSuffix(u.Path, "/")
	if !strings.HasSuffix(path, pathHTTP) {
		path += pathHTTP
	}
	t.Address = (&url.URL{Scheme: scheme, Host: t.Host, Path: path}).String()
	return t, nil
}

func inferProtocol(port string, schemed bool) Protocol {
	switch {
	case port == portGRPC:
		return GRPC
	case port == portHTTP, schemed:
		return HTTP
	default:
		return GRPC
	}
}

func defaultPort(p Protocol, scheme string) string {
	switch {
	case scheme == "https":
		return "443"
	case p == HTTP:
		return portHTTP
	default:
		return portGRPC
	}
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
