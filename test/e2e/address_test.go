package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// section is a YAML mapping, as a configuration is made of.
type section = map[string]any

// nextPort is where the search for a free port goes on. It stays below the range from which the kernel takes ports
// for outgoing connections: one of those could otherwise be given a port between our look and the collector's.
var nextPort atomic.Int32

const firstPort, lastPort = 20000, 32000

// freeAddress returns an address of this machine that nobody listens on, TCP or UDP, and that no other test was given.
func freeAddress(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	nextPort.CompareAndSwap(0, int32(firstPort+os.Getpid()%(lastPort-firstPort)))
	for range lastPort - firstPort {
		port := firstPort + int(nextPort.Add(1))%(lastPort-firstPort)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		stream, err := listen.Listen(t.Context(), "tcp", address)
		if err != nil {
			continue
		}
		datagram, err := listen.ListenPacket(t.Context(), "udp", address)
		require.NoError(t, stream.Close())
		if err != nil {
			continue
		}
		require.NoError(t, datagram.Close())
		return address
	}
	t.Fatalf("no free port from %d to %d", firstPort, lastPort)
	return ""
}

// addresses maps "section/component" or "section/component/protocol" to where that component listens or sends to.
type addresses map[string]string

// relocate returns a second configuration which, given after the one in file, moves everything in it that listens
// to free ports, and everything that it sends to to an address where nobody answers. So a configuration can be
// started as it stands, with its default ports in use by others.
func relocate(t *testing.T, file string) (overlay string, moved addresses) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var config section
	require.NoError(t, yaml.Unmarshal(text, &config))

	moved = addresses{}
	place := func(path ...string) string {
		address := freeAddress(t)
		moved[strings.Join(path, "/")] = address
		return address
	}
	changes := section{}
	for _, kind := range []string{"receivers", "exporters", "extensions"} {
		for id, settings := range asSection(config[kind]) {
			if change := relocated(kind, id, asSection(settings), place); change != nil {
				put(changes, change, kind, id)
			}
		}
	}
	put(changes, ownMetrics(t, place("telemetry")), "service", "telemetry", "metrics", "readers")

	out, err := yaml.Marshal(changes)
	require.NoError(t, err)
	overlay = filepath.Join(t.TempDir(), "relocate.yaml")
	require.NoError(t, os.WriteFile(overlay, out, 0o600))
	return overlay, moved
}

// relocated returns the settings that move one component, or nil for those that use no fixed address.
func relocated(kind, id string, settings section, place func(...string) string) section {
	name, _, _ := strings.Cut(id, "/")
	endpoint := section{}
	switch kind + "/" + name {
	case "receivers/otlp", "receivers/jaeger":
		for protocol := range asSection(settings["protocols"]) {
			put(endpoint, place(kind, id, protocol), "protocols", protocol, "endpoint")
		}
	case "extensions/healthcheckv2":
		for _, protocol := range []string{"http", "grpc"} {
			if _, ok := settings[protocol]; ok {
				put(endpoint, place(kind, id, protocol), protocol, "endpoint")
			}
		}
	case "extensions/sentinel":
		if _, ok := settings["alertmanager"]; ok {
			put(endpoint, place(kind, id), "alertmanager", "webhook", "endpoint")
		}
	case "receivers/syslog":
		put(endpoint, place(kind, id), "tcp", "listen_address")
	case "receivers/statsd", "receivers/fluentforward", "receivers/zipkin", "exporters/prometheus", "exporters/otlp", "exporters/otlp_grpc",
		"extensions/health_check", "extensions/pprof", "extensions/zpages", "extensions/console":
		endpoint["endpoint"] = place(kind, id)
	case "exporters/otlphttp", "exporters/otlp_http", "exporters/zipkin",
		"exporters/prometheusremotewrite", "exporters/prometheus_remote_write":
		scheme := "http"
		if before, _, ok := strings.Cut(fmt.Sprint(settings["endpoint"]), "://"); ok {
			scheme = before
		}
		endpoint["endpoint"] = scheme + "://" + place(kind, id)
	case "exporters/loadbalancing", "exporters/load_balancing":
		put(endpoint, []string{place(kind, id, "0"), place(kind, id, "1")}, "resolver", "static", "hostnames")
	default:
		return nil
	}
	return endpoint
}

// ownMetrics returns metric readers for the collector's own telemetry that serve at address.
func ownMetrics(t *testing.T, address string) []any {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	exporter := section{"prometheus": section{"host": host, "port": number}}
	return []any{section{"pull": section{"exporter": exporter}}}
}

// asSection returns v as a mapping; an absent or empty one (`zpages:`) has no keys.
func asSection(v any) section {
	s, _ := v.(section)
	return s
}

// put sets the value at path, and makes the mappings on the way there.
func put(into section, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		next, ok := into[key].(section)
		if !ok {
			next = section{}
			into[key] = next
		}
		into = next
	}
	into[path[len(path)-1]] = value
}
