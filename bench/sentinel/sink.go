package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// sink counts the spans that it receives over OTLP/HTTP, manifests apart.
type sink struct {
	address string
	spans   atomic.Int64
	server  *http.Server
}

func newSink() (*sink, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{address: listener.Addr().String()}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // ends with close
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

// ServeHTTP implements http.Handler.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request := ptraceotlp.NewExportRequest()
	if err := request.UnmarshalProto(body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	spans := int64(0)
	for _, rs := range request.Traces().ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if span.Name() != traffic.ManifestName {
					spans++
				}
			}
		}
	}
	s.spans.Add(spans)
	w.Header().Set("Content-Type", "application/x-protobuf")
	answer, err := ptraceotlp.NewExportResponse().MarshalProto()
	if err == nil {
		_, _ = w.Write(answer)
	}
}
