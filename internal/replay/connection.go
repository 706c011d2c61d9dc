package replay

import (
	"fmt"
	"strings"
)

// ConnectionError ends a replay: the receiver cannot be reached or answers nothing but that it is the wrong place.
type ConnectionError struct {
	Target Target
	Err    error
}

// Error says what happened and what can be done.
func (e *ConnectionError) Error() string {
	text := fmt.Sprintf("cannot send to %s: %v", e.Target, e.Err)
	if hint := e.hint(); hint != "" {
		text += "\n  " + hint
	}
	return text
}

func (e *ConnectionError) Unwrap() error { return e.Err }

// hint is the way out. The causes are told by their texts, because gRPC passes on nothing else.
func (e *ConnectionError) hint() string {
	text := e.Err.Error()
	for _, h := range []struct{ sign, grpc, http string }{
		{"connection refused", notRunning, notRunning},
		{"no such file or directory", "is the path of the socket right?", ""},
		{"no such host", wrongName, wrongName},
		{"produced zero addresses", wrongName, wrongName},
		{"valid for", otherName, otherName},
		{"x509:", wrongCertificate, wrongCertificate},
		{"first record does not look like a TLS handshake", plaintext, plaintext},
		{"HTTP response to HTTPS client", plaintext, plaintext},
		{"looked like an HTTP/1.1 header", "that port speaks HTTP/1.1: try --protocol http", ""},
		{"no application protocol", "that port does not speak gRPC: try --protocol http", ""},
		{"malformed HTTP response", "", speaksGRPC},
		{errUnasked.Error(), "", speaksGRPC},
		{"server preface", "the server does not speak gRPC without TLS: try https:// in front of the endpoint, or --protocol http", ""},
		{"HTTP 404", "", "no OTLP traces there: the path is usually " + pathHTTP + ", the port " + portHTTP},
		{"HTTP 405", "", "no OTLP traces there: the path is usually " + pathHTTP + ", the port " + portHTTP},
		{"HTTP 3", "", "use the address it moved to as --endpoint"},
		{"HTTP 401", "", credentials},
		{"HTTP 403", "", credentials},
		{"Unauthenticated", credentials, ""},
		{"PermissionDenied", credentials, ""},
		{"Unimplemented", "the server takes no OTLP traces there: is the otlp receiver in a traces pipeline?", ""},
		{"deadline exceeded", slow, slow},
		{"DeadlineExceeded", slow, slow},
	} {
		hint := h.http
		if e.Target.Protocol == GRPC {
			hint = h.grpc
		}
		if hint != "" && strings.Contains(text, h.sign) {
			return hint
		}
	}
	return ""
}

const (
	notRunning = "is the collector running? `make run` starts one that listens on " +
		portGRPC + " (gRPC) and " + portHTTP + " (HTTP); --endpoint names another"
	wrongName        = "check the host name in --endpoint"
	wrongCertificate = "--ca-file names the certificate authority that signed the server's certificate"
	otherName        = "the certificate is made for another name: --server-name NAME says which is right"
	speaksGRPC       = "that port may speak gRPC: try --protocol grpc"
	plaintext        = "the server speaks without TLS: use http:// in front of the endpoint, or --insecure"
	credentials      = "the server wants credentials: --header \"Authorization=Bearer ...\""
	slow             = "no answer in time: raise --timeout, or check what stands between here and the server"
)
