package alert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// Target is a place to send alerts to.
type Target interface {
	// Send delivers alerts in one request. Errors are ErrRejected where trying again is of no use.
	Send(ctx context.Context, alerts []store.Alert, now time.Time) error
	// Repeat is how often a firing alert is said again; 0: once.
	Repeat() time.Duration
	// Batch is how many alerts one request takes.
	Batch() int
}

// ErrRejected is for alerts that the target will never take.
var ErrRejected = errors.New("rejected")

// timeout bounds one request, whatever the client allows.
const timeout = 30 * time.Second

// post sends a body and wants a 2xx.
func post(ctx context.Context, client *http.Client, url string, body []byte, headers http.Header) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range headers {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	const enough = 512 // of an error, for the log
	text, _ := io.ReadAll(io.LimitReader(response.Body, enough))
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return nil
	case response.StatusCode == http.StatusBadRequest, response.StatusCode == http.StatusUnprocessableEntity,
		response.StatusCode == http.StatusRequestEntityTooLarge, response.StatusCode == http.StatusGone:
		return fmt.Errorf("%w: %s: %s", ErrRejected, response.Status, text)
	}
	return fmt.Errorf("the answer was %s: %s", response.Status, text)
}
