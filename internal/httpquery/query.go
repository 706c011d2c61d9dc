// Package httpquery asks HTTP APIs questions: one GET with retries, limits, and a clear line between "no such thing" and
// "no answer".
package httpquery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v5"
)

// maxBody bounds an answer.
const maxBody = 16 << 20

// attempts is how often a request is made that fails in a way that may pass.
const attempts = 3

// Query is how to ask one server. It may be used by several goroutines.
type Query struct {
	Client *http.Client // brings TLS, authentication and the time-out of one request
	Base   *url.URL
	Wait   func(ctx context.Context, d time.Duration) error // between two attempts; sleeps where nil
}

// ErrNotFound is the server's own word that it has no such thing.
var ErrNotFound = errors.New("not found")

// New makes a query of a base address, such as http://localhost:16686.
func New(endpoint string, client *http.Client) (Query, error) {
	base, err := url.Parse(endpoint)
	if err != nil {
		return Query{}, fmt.Errorf("endpoint: %w", err)
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return Query{}, fmt.Errorf("endpoint: must be the address of an HTTP API, such as http://localhost:9090, got %q", endpoint)
	}
	return Query{Client: client, Base: base}, nil
}

// Get returns the body of an answer of one of the media types. ErrNotFound comes with the body, too: it tells the server's word
// from that of a proxy. Get tries again where the server is busy or does not answer, as long as ctx lasts. Large answers take
// turns, see WithTurn.
func (q *Query) Get(ctx context.Context, path string, values url.Values, accept ...string) ([]byte, error) {
	u := *q.Base.JoinPath(path)
	u.RawQuery = values.Encode()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 2*time.Second
	for n := 1; ; n++ {
		body, again, err := q.once(ctx, &u, accept)
		if err == nil || errors.Is(err, ErrNotFound) {
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

func (q *Query) sleep(ctx context.Context, d time.Duration) error {
	if q.Wait != nil {
		return q.Wait(ctx, d)
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
func (q *Query) once(ctx context.Context, u *url.URL, accept []string) (body []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Accept", strings.Join(accept, ", "))
	resp, err := q.Client.Do(req)
	var wrapped *url.Error // says the address, as Get does
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	body, err = read(ctx, resp.Body)
	switch {
	case err != nil:
		return nil, true, fmt.Errorf("the answer breaks off: %w", err)
	case len(body) > maxBody:
		return nil, false, fmt.Errorf("the answer is longer than %d MiB", maxBody>>20)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusNotFound && kind != "text/html" && !noRoute(body):
		return body, false, ErrNotFound
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		return nil, true, fmt.Errorf("status %d: %s", resp.StatusCode, Excerpt(body))
	case resp.StatusCode != http.StatusOK:
		return nil, false, fmt.Errorf("status %d: %s", resp.StatusCode, Excerpt(body))
	case kind == "text/html":
		return nil, false, fmt.Errorf("a web page instead of an answer (%s); is this the address of the API?", Excerpt(body))
	}
	return body, false, nil
}

// noRoute tells whether a status 404 comes from a server that does not have the route at all, as Go's own and most proxies
// say it. That is no word about the trace.
func noRoute(body []byte) bool {
	return bytes.Contains(body, []byte("page not found")) || bytes.Contains(body, []byte("404 Not Found"))
}

// Excerpt is the beginning of a body, on one line, for an error.
func Excerpt(body []byte) string {
	const longest = 120
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(string(body[:min(len(body), longest)]), "?"))
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "no text"
	}
	return text
}
