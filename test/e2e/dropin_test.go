package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

// surroundings makes what a configuration of testdata/dropin refers to, and returns the environment that names it.
var surroundings = map[string]func(*testing.T) []string{
	"auth.yaml": func(t *testing.T) []string {
		return []string{
			"BASIC_AUTH_USER=collector", "BASIC_AUTH_PASSWORD=correct horse", "BEARER_TOKEN=battery staple",
			"ISSUER_URL=" + identityProvider(t),
		}
	},
	"kafka.yaml": func(t *testing.T) []string {
		return []string{"KAFKA_BROKERS=" + kafkaBroker(t), "DATA_DIR=" + t.TempDir()}
	},
	"legacy-protocols.yaml": func(t *testing.T) []string { return []string{"DATA_DIR=" + t.TempDir()} },
	"kubernetes.yaml":       func(*testing.T) []string { return []string{"K8S_NODE_NAME=node-1"} },
	"official-k8s.yaml":     func(*testing.T) []string { return []string{"MY_POD_IP=127.0.0.1"} },
	"otlphttp-tls.yaml":     func(t *testing.T) []string { return []string{"CERT_DIR=" + certificate(t)} },
	"storage.yaml":          func(t *testing.T) []string { return []string{"DATA_DIR=" + t.TempDir()} },
}

// notStarted are the configurations that can only be validated here, with the reason.
var notStarted = map[string]string{
	"kubernetes.yaml": "k8sattributes asks the API server of the cluster at start",
}

// TestDropIn holds the promise that a configuration written for otelcol runs unchanged: each validates as it stands,
// comes up, listens where it says, and goes down cleanly.
func TestDropIn(t *testing.T) {
	files, err := filepath.Glob("testdata/dropin/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			t.Parallel()
			file, err := filepath.Abs(file)
			require.NoError(t, err)
			var env []string
			if prepare := surroundings[name]; prepare != nil {
				env = prepare(t)
			}

			result := run(t, env, "validate", "--config", file)
			require.Zero(t, result.code, result.stderr)
			if reason := notStarted[name]; reason != "" {
				t.Log("validated, not started: " + reason)
				return
			}
			overlay, moved := relocate(t, file)
			c := start(t, env, "--config", file, "--config", overlay)
			for component, address := range moved {
				if listensOnTCP(component) {
					assertListens(t, component, address)
				}
			}
			c.stop(t)
		})
	}
}

// TestDropInListsOnlyFiles keeps the tables above from outliving the files they speak of.
func TestDropInListsOnlyFiles(t *testing.T) {
	for _, table := range [][]string{keys(surroundings), keys(notStarted)} {
		for _, name := range table {
			assert.FileExists(t, filepath.Join("testdata", "dropin", name))
		}
	}
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	return names
}

// listensOnTCP tells the components that serve at the address they were given from those that send there, and from
// Jaeger's two UDP protocols and StatsD.
func listensOnTCP(component string) bool {
	kind, id, _ := strings.Cut(component, "/")
	if id == "statsd" || strings.HasSuffix(id, "/thrift_compact") || strings.HasSuffix(id, "/thrift_binary") {
		return false
	}
	return slices.Contains([]string{"receivers", "extensions", "telemetry"}, kind) ||
		strings.HasPrefix(component, "exporters/prometheus") && !strings.Contains(component, "remote")
}

func assertListens(t *testing.T, component, address string) {
	t.Helper()
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if assert.NoErrorf(t, err, "%s should listen on %s", component, address) {
		assert.NoError(t, conn.Close())
	}
}

// kafkaBroker starts an in-process Kafka and returns its address.
func kafkaBroker(t *testing.T) string {
	t.Helper()
	return kafkaBrokerWith(t, 2)
}

// kafkaBrokerWith starts one whose topic has so many partitions.
func kafkaBrokerWith(t *testing.T, partitions int32) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "otlp_spans"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return strings.Join(cluster.ListenAddrs(), ",")
}

// identityProvider serves what an OpenID Connect client reads first, and returns the issuer's URL.
func identityProvider(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"issuer":"` + server.URL + `","jwks_uri":"` + server.URL + `/keys",` +
			`"authorization_endpoint":"` + server.URL + `/auth","id_token_signing_alg_values_supported":["RS256"]}`))
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) })
	return server.URL
}

// certificate writes a self-signed certificate for localhost and its key, and returns their directory.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: der},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	return dir
}
