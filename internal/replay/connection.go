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

// sign is a piece of an error's text, and what to do about it. The causes are told by their texts, because gRPC passes on nothing
// else.
type sign struct {
	text, grpc, http string
	lasting          bool // it is the same however long one waits
}

func signs() []sign {
	return []sign{
		{"connection refused", notRunning, notRunning, false},
		{"no such file or directory", "is the path of the socket right?", "", false},
		{"no such host", wrongName, wrongName, true},
		{"produced zero addresses", wrongName, wrongName, true},
		{"valid for", otherName, otherName, true},
		{"x509:", wrongCertificate, wrongCertificate, true},
		{"first record does not look like a TLS handshake", plaintext, plaintext, true},
		{"HTTP response to HTTPS client", plaintext, plaintext, true},
		{"looked like an HTTP/1.1 header", "that port speaks HTTP/1.1: try --protocol http", "", true},
		{"no application protocol", "that port does not speak gRPC: try --protocol http", "", true},
		{"malformed HTTP response", "", speaksGRPC, true},
		{errUnasked.Error(), "", speaksGRPC, true},
		{"server preface", "the server does not speak gRPC without TLS: try https:// in front of the endpoint, or --protocol http", "", false},
		{"HTTP 404", "", "no OTLP traces there: the path is usually " + pathHTTP + ", the port " + portHTTP, true},
		{"HTTP 405", "", "no OTLP traces there: the path is usually " + pathHTTP + ", the port " + portHTTP, true},
		{"HTTP 3", "", "use the address it moved to as --endpoint", true},
		{"HTTP 401", "", credentials, true},
		{"HTTP 403", "", credentials, true},
		{"Unauthenticated", credentials, "", true},
		{"PermissionDenied", credentials, "", true},
		{"Unimplemented", "the server takes no OTLP traces there: is the otlp receiver in a traces pipeline?", "", true},
		{"deadline exceeded", slow, slow, false},
		{"DeadlineExceeded", slow, slow, false},
	}
}

// hint is the way out.
func (e *ConnectionError) hint() string {
	text := e.Err.Error()
	for _, s := range signs() {
		hint := s.http
		if e.Target.Protocol == GRPC {
			hint = s.grpc
		}
		if hint != "" && strings.Contains(text, s.text) {
			return hint
		}
	}
	return ""
}

// lasting tells whether waiting cannot help against an error of the connection: what is wrong is the command line.
func lasting(err error) bool {
	for _, s := range signs() {
		if s.lasting && strings.Contains(err.Error(), s.text) {
			return true
		}
	}
	return false
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
