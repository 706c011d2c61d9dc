// Package wholebinary measures a collector binary under load from outside: OTLP/HTTP in protobuf over loopback, a sampler, no
// output.
package wholebinary

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assayhq/assay/bench/workload"
)

// connections is how many requests are on their way at a time.
const connections = 4

// pump posts requests with fresh identities. It ends by itself after a time and a number of spans, whichever comes first.
type pump struct {
	url      string
	pace     workload.Pace
	most     int64 // spans
	tickets  atomic.Int64
	accepted atomic.Int64 // spans
	group    sync.WaitGroup
	stop     context.CancelFunc
	failed   atomic.Pointer[error]
}

// startPump begins to send to a collector on loopback at a rate in spans/s, 0 for as fast as they are accepted, for at most
// the given time and number of spans.
func startPump(ctx context.Context, address string, rate float64, longest time.Duration, most int64) (*pump, error) {
	p := &pump{url: "http://" + address + "/v1/traces", most: most}
	var all [connections][]*workload.Request
	for c := range all {
		requests, err := workload.NewRequests(uint64(c), workload.OddEvery)
		if err != nil {
			return nil, err
		}
		all[c] = requests
	}
	ctx, p.stop = context.WithTimeout(ctx, longest)
	p.pace = workload.Pace{Began: time.Now(), Rate: rate}
	for c := range all {
		p.group.Go(func() {
			if err := p.send(ctx, uint64(c), all[c]); err != nil {
				p.failed.CompareAndSwap(nil, &err)
				p.stop()
			}
		})
	}
	return p, nil
}

func (p *pump) send(ctx context.Context, seed uint64, requests []*workload.Request) error {
	transport := &http.Transport{MaxIdleConnsPerHost: 1, WriteBufferSize: 256 << 10, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	salts := rand.New(rand.NewPCG(seed, uint64(p.pace.Began.UnixNano())))
	for n := 0; ctx.Err() == nil; n++ {
		ticket := p.tickets.Add(1) - 1
		if (ticket+1)*workload.SpansPerRequest > p.most {
			return nil
		}
		if !p.pace.Await(ctx, ticket) {
			return nil
		}
		q := requests[n%len(requests)]
		q.Refresh(salts.Uint64())
		if err := post(ctx, client, p.url, q.Body); err != nil {
			if ctx.Err() != nil {
				return nil // it was ended
			}
			return fmt.Errorf("after %d spans: %w", p.accepted.Load(), err)
		}
		p.accepted.Add(workload.SpansPerRequest)
	}
	return nil
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("refused with %s: %q", resp.Status, answer)
	}
	return nil
}

// end stops the load and returns what went wrong.
func (p *pump) end() error {
	p.stop()
	p.group.Wait()
	if err := p.failed.Load(); err != nil {
		return *err
	}
	return nil
}
