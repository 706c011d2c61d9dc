package consoleextension

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/assayhq/assay/internal/console"
)

// hosts are the names that the console answers to. A page of another site can have its own name resolved to the console's address
// (DNS rebinding): for the browser, console and page are then of one origin, and nothing else keeps the page from reading and
// changing what is here. But the request says under which name it was made.
type hosts struct {
	names    map[string]bool
	loopback bool // it listens for this machine only
	any      bool // a Unix socket, which browsers do not open
	public   bool // those who are refused are told nothing
}

// newHosts takes the address on which the console listens and the name of the machine.
func newHosts(c *Config, address net.Addr, machine string) *hosts {
	h := &hosts{names: map[string]bool{"localhost": true}, public: len(c.Serve) > 0}
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		h.any = true
		return h
	}
	h.loopback = tcp.IP.IsLoopback()
	if !h.loopback && machine != "" {
		h.names[hostName(machine)] = true
	}
	for _, name := range append([]string{c.NetAddr.Endpoint, c.ExternalURL.host()}, c.AllowedHosts...) {
		if name = hostName(name); name != "" {
			h.names[name] = true
		}
	}
	return h
}

// allow tells whether a Host header is one that the console answers to. Addresses cannot be rebound; where other machines reach
// the console any will do, for behind a mapped port it is not one of this machine. Who sends no Host is no browser.
func (h *hosts) allow(header string) bool {
	name := hostName(header)
	if h.any || name == "" || h.names[name] {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && (!h.loopback || ip.Unmap().IsLoopback())
}

// protect refuses requests for other hosts.
func (h *hosts) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.allow(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		if h.public {
			console.Refuse(w, http.StatusForbidden, "refused: nothing has this name here")
			return
		}
		console.Refuse(w, http.StatusForbidden, fmt.Sprintf("refused: %q is no name of this console; if people reach it under this name, "+
			"add the name to allowed_hosts of the console extension, or set external_url", hostName(r.Host)))
	})
}

// hostName is the host in "host", "host:port" or "[address]:port", in lower case and without the dot of a full name.
func hostName(s string) string {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	} else {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(s, "."))
}

// checkHost says what is wrong with an entry of allowed_hosts.
func checkHost(entry string) error {
	name := hostName(entry)
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	valid := len(name) <= 253 && !strings.Contains(entry, "/") // https://name would do for a name and a port
	for _, label := range strings.Split(name, ".") {
		valid = valid && label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
	}
	if !valid {
		return fmt.Errorf("must be a host name such as console.example.org, or an address, without scheme, path or wildcard, got %q", entry)
	}
	return nil
}
