package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxBody bounds an answer. The longest sentinel trace takes a small part of it.
const maxBody = 16 << 20

// attempts is how often a request is made that fails in a way that may pass.
const attempts = 3

// query is how to ask a backend over HTTP.
type query struct {
	client *http.Client
	base   *url.URL
	wait   func(ctx context.Context, d time.Duration) error // sleep where nil
}

// errNotFound is the backend's own word that it has no such trace.
var errNotFound = errors.New("not found")

// get returns the body of an answer of one of the media types, or errNotFound. It tries again where the backend is busy or
// does not answer, as long as ctx lasts.
func (q *query) get(ctx context.Context, path string, values url.Values, accept ...string) ([]byte, error) {
	u := *q.base.JoinPath(path)
	u.RawQuery = values.Encode()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 2*time.Second
	for n := 1; ; n++ {
		body, again, err := q.once(ctx, &u, accept)
		if err == nil || errors.Is(err, errNotFound) {
			return body, err
		}
		if !again || n == attempts || ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
		}
		if err := q.sleep(ctx, pause.NextBackOff()); err != nil {
			return nil, fmt.Errorf("%s: %w", u.Redacted(), err)
		}
	}
}

func (q *query) sleep(ctx context.Context, d time.Duration) error {
	if q.wait != nil {
		return q.wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once makes one request; again tells whether another may do better.
func (q *query) once(ctx context.Context, u *url.URL, accept []string) (body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Accept", strings.Join(accept, ", "))
	resp, err := q.client.Do(req)
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, true, fmt.Errorf("the answer breaks off: %w", err)
	case len(body) > maxBody:
		return nil, false, fmt.Errorf("the answer is longer than %d MiB", maxBody>>20)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusNotFound && kind != "text/html" && !noRoute(body):
		return nil, false, errNotFound
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return nil, true, fmt.Errorf("status %d: %s", resp.StatusCode, excerpt(body))
	case resp.StatusCode != http.StatusOK:
		return nil, false, fmt.Errorf("status %d: %s", resp.StatusCode, excerpt(body))
	case kind == "text/html":
		return nil, false, fmt.Errorf("a web page instead of a trace (%s); is this the address of the query API?", excerpt(body))
	}
	return body, false, nil
}

// noRoute tells whether a status 404 comes from a server that does not have the route at all, as Go's own and most proxies
// say it. That is no word about the trace.
func noRoute(body []byte) bool {
	return bytes.Contains(body, []byte("page not found")) || bytes.Contains(body, []byte("404 Not Found"))
}

// excerpt is the beginning of a body, on one line, for an error.
func excerpt(body []byte) string {
	const longest = 120
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), longest)]), "?")), " ")
	if text == "" {
		return "no text"
	}
	return text
}
