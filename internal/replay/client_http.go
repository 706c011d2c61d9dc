package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"

	// maxAnswerBytes is how much of an answer is read.
	maxAnswerBytes = 64 << 10
)

var errUnasked = errors.New("the server sends before it is asked")

// httpClient speaks OTLP/HTTP with protobuf bodies.
type httpClient struct {
	url       string
	userAgent string
	client    *http.Client
	timeout   time.Duration
}

func newHTTPClient(ctx context.Context, c *ClientConfig, t Target, concurrency int) (*httpClient, error) {
	cfg := confighttp.NewDefaultClientConfig()
	cfg.Endpoint = t.Address
	cfg.TLS = c.tls(t)
	cfg.Compression = c.compression()
	cfg.MaxIdleConns, cfg.MaxIdleConnsPerHost = concurrency, concurrency
	var err error
	if cfg.Headers, err = c.headers(); err != nil {
		return nil, err
	}
	settings := noTelemetry()
	settings.TracerProvider, settings.MeterProvider = nil, nil // leaves the instrumenting transport out
	hc, err := cfg.ToClient(ctx, nil, settings)
	if err != nil {
		return nil, fmt.Errorf("set up the HTTP client: %w", err)
	}
	// A redirected POST would arrive as a GET without its body.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &httpClient{url: t.Address, userAgent: c.UserAgent, client: hc, timeout: c.Timeout}, nil
}

func (c *httpClient) send(ctx context.Context, body []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return answer{err: err, unreached: true}
	}
	req.Header.Set("Content-Type", typeProtobuf)
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.client.Do(req)
	if err != nil {
		// Without the method and the URL, which the message around it names.
		var urlErr *url.Error
		if errors.As(err, &urlErr) {
			err = urlErr.Err
		}
		// A gRPC server greets at once; net/http's text for that says nothing and is badly formatted.
		if strings.Contains(err.Error(), "readLoopPeekFailLocked") {
			err = errUnasked
		}
		late := errors.Is(err, context.DeadlineExceeded)
		return answer{err: err, unreached: !late, timedOut: late, retryable: true}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return answer{err: fmt.Errorf("read the answer: %w", err), retryable: true}
	}
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return accepted(resp.Header.Get("Content-Type"), text)
	}
	return refused(resp, text)
}

// accepted reads the answer to a request that was taken, of which spans may have been refused.
func accepted(contentType string, text []byte) answer {
	r := ptraceotlp.NewExportResponse()
	var err error
	switch mediaType(contentType) {
	case typeProtobuf:
		err = r.UnmarshalProto(text)
	case typeJSON:
		err = r.UnmarshalJSON(text)
	}
	if err != nil {
		return answer{err: fmt.Errorf("the answer is not one of OTLP: %w", err), misdirected: true}
	}
	return partial(r)
}

func partial(r ptraceotlp.ExportResponse) answer {
	return answer{rejected: max(0, r.PartialSuccess().RejectedSpans()), message: r.PartialSuccess().ErrorMessage()}
}

// refused reads the answer to a request that was not taken (OTLP specification, OTLP/HTTP Response).
func refused(resp *http.Response, text []byte) answer {
	a := answer{err: fmt.Errorf("HTTP %d %s%s", resp.StatusCode, http.StatusText(resp.StatusCode),
		statusMessage(resp.Header.Get("Content-Type"), text))}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		a.retryable = true
		a.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusUnsupportedMediaType, http.StatusProxyAuthRequired:
		a.misdirected = true
	default:
		a.misdirected = resp.StatusCode < 400 // a redirect: another address is meant
	}
	if to := resp.Header.Get("Location"); to != "" {
		a.err = fmt.Errorf("%w (moved to %s)", a.err, to)
	}
	return a
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3); 0 if it is neither.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second // 31 bits
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// statusMessage is what the receiver says about an error: a Status message by the specification, text from a proxy.
func statusMessage(contentType string, text []byte) string {
	var message string
	var s spb.Status
	switch mediaType(contentType) {
	case typeProtobuf:
		if proto.Unmarshal(text, &s) == nil {
			message = s.GetMessage()
		}
	case typeJSON:
		if (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, &s) == nil {
			message = s.GetMessage()
		}
	case "text/plain":
		message = string(text)
	}
	message = strings.TrimSpace(message)
	if message == "" || !utf8.ValidString(message) {
		return ""
	}
	return ": " + strings.TrimSpace(oneLine(message))
}

// oneLine makes a text from outside fit for a message: one line, not too long, nothing that steers a terminal.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 300 {
		s = string(runes[:300]) + "..."
	}
	return s
}

func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return t
}

func (c *httpClient) close() error {
	c.client.CloseIdleConnections()
	return nil
}
