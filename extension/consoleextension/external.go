package consoleextension

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// externalURL is the address under which people reach the console: through a reverse proxy, say. It may have a path.
type externalURL string

func (u externalURL) validate() error {
	if u == "" {
		return nil
	}
	parsed, err := url.Parse(string(u))
	switch {
	case err != nil:
		var parts *url.Error // its text would repeat the value
		if errors.As(err, &parts) {
			err = parts.Err
		}
		return fmt.Errorf("external_url: must be a URL such as https://console.example.org/assay, got %q: %w", string(u), err)
	case parsed.Scheme != "http" && parsed.Scheme != "https", parsed.Hostname() == "":
		return fmt.Errorf("external_url: must be a URL such as https://console.example.org/assay, got %q", string(u))
	case parsed.User != nil || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return fmt.Errorf("external_url: must have nothing but scheme, host, port and path, got %q", parsed.Redacted())
	}
	if err := checkHost(parsed.Hostname()); err != nil {
		return fmt.Errorf("external_url: its host %w", err)
	}
	return nil
}

// host is the URL's host, empty where there is none.
func (u externalURL) host() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// URL implements console.Router: external_url, or where that is not set, the endpoint, if it names a host that others can use. A
// port that the system has chosen is known once the console listens.
func (e *consoleExtension) URL() string {
	if e.config.ExternalURL != "" {
		return strings.TrimRight(string(e.config.ExternalURL), "/")
	}
	host, port, err := net.SplitHostPort(e.config.NetAddr.Endpoint)
	if err != nil || host == "" {
		return ""
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		return ""
	}
	if tcp, ok := e.address.(*net.TCPAddr); ok {
		port = strconv.Itoa(tcp.Port)
	}
	scheme := "http"
	if e.config.TLS.HasValue() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
