package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assayhq/assay/internal/wire"
)

// maxAnswerBytes bounds what a collector may answer: 20,000 groups of three changes each are some 60 MB.
const maxAnswerBytes = 256 << 20

// console is the API of a collector.
type console struct {
	url       string
	component string // id of the component that is to answer, where several do
	headers   []string
}

// flags adds those of the API; usage says what the URL is for, and component what answers.
func (c *console) flags(f *pflag.FlagSet, usage, component string) {
	f.StringVar(&c.url, "url", c.url, "`URL` of the collector's console, as http://localhost:4000"+usage)
	f.StringVar(&c.component, "component", "", "`ID` of the "+component)
	f.StringArrayVarP(&c.headers, "header", "H", nil, "`KEY=VALUE` to send to the collector, as Authorization=Bearer ...; may be repeated")
}

// ask sends a request, with a JSON body if there is one, and decodes what it is answered with.
func (c *console) ask(ctx context.Context, method, path string, parameters url.Values, body []byte, answer any) error {
	if c.component != "" {
		parameters.Set("component", c.component)
	}
	address := strings.TrimRight(c.url, "/") + path
	if len(parameters) > 0 {
		address += "?" + parameters.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range c.headers {
		key, value, found := strings.Cut(h, "=")
		if !found {
			return errors.New("--header: must be KEY=VALUE")
		}
		req.Header.Set(key, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
			return context.Canceled
		}
		return fmt.Errorf("%w; is a collector with a console running there?", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, req.URL.Path, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var problem wire.Problem
		if json.Unmarshal(text, &problem) != nil || problem.Message == "" {
			problem.Message = "the answer does not say why"
		}
		return fmt.Errorf("%s %s: %s: %s", method, req.URL.Path, res.Status, asFlag(problem.Message))
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not what was asked for: %w", method, req.URL.Path, err)
	}
	return nil
}

// asFlag puts what the console says of its parameter component into the words of the command line.
func asFlag(message string) string {
	rest, ok := strings.CutPrefix(message, "component: ")
	if !ok {
		return message
	}
	return "--component: " + strings.ReplaceAll(rest, "?component=", "--component ")
}
