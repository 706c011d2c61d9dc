package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/assayhq/assay/internal/sentinel/generator"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// newGenerator asks the shop for more than any machine makes.
func newGenerator(send func(context.Context, ptrace.Traces) error) (*generator.Generator, error) {
	shop, err := topology.Load("builtin:shop")
	if err != nil {
		return nil, err
	}
	key, err := identity.NewKey("not a secret: this is a benchmark")
	if err != nil {
		return nil, err
	}
	stream, err := traffic.NewStream(key, traffic.Config{Number: 1, Name: "bench", Topology: shop, Rate: traffic.MaxRate, Batches: 6})
	if err != nil {
		return nil, err
	}
	return generator.New(generator.Config{Streams: []*traffic.Stream{stream}, Retry: generator.DefaultRetry(), Send: send}), nil
}

// spansOf counts spans, but a manifest for none.
func spansOf(td ptrace.Traces) int64 {
	if td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Name() == traffic.ManifestName {
		return 0
	}
	return int64(td.SpanCount())
}

// drive runs a generator for a while and returns what it says of itself.
func drive(g *generator.Generator, length time.Duration) (generator.Counts, error) {
	g.Start()
	<-time.After(length)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := g.Shutdown(ctx)
	return g.Counts(0), err
}

// inProcess measures spans made a second of processor time, and how many more the generator says than were handed over.
func inProcess(length time.Duration) (perCPUSecond, unaccounted float64, err error) {
	var got atomic.Int64
	g, err := newGenerator(func(_ context.Context, td ptrace.Traces) error {
		got.Add(spansOf(td))
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	before := processorTime()
	counts, err := drive(g, length)
	took := processorTime() - before
	return float64(counts.SpansAccepted) / took.Seconds(), float64(int64(counts.SpansAccepted) - got.Load()), err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// overNetwork sends over OTLP/HTTP and compares what the generator says with what arrived.
func overNetwork(length time.Duration) (outcome, error) {
	s, err := newSink()
	if err != nil {
		return outcome{}, err
	}
	defer s.close()
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	g, err := newGenerator(func(ctx context.Context, td ptrace.Traces) error { return post(ctx, client, s.address, td) })
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	counts, err := drive(g, length)
	return outcome{int64(counts.SpansAccepted), s.spans.Load(), time.Since(began)}, err
}

func post(ctx context.Context, client *http.Client, address string, td ptrace.Traces) error {
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
