package consoleextension

import (
	"fmt"
	"net/url"
	"strings"
)

// traceURL is where a trace opens in a tracing backend; traceID in it stands for the id.
type traceURL string

const traceID = "{trace_id}"

func (u traceURL) validate() error {
	if u == "" {
		return nil
	}
	const example = "such as http://localhost:16686/trace/" + traceID
	parsed, err := url.Parse(strings.ReplaceAll(string(u), traceID, "4bf92f3577b34da6a3ce929d0e0e4736"))
	switch {
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "":
		return fmt.Errorf("trace_url: must be a URL, %s, got %q", example, string(u))
	case parsed.User != nil:
		return fmt.Errorf("trace_url: must have no user and password: everybody who sees the console would see them, %s, got %q", example, parsed.Redacted())
	case !strings.Contains(string(u), traceID):
		return fmt.Errorf("trace_url: must contain %s where the id of the trace belongs, %s, got %q", traceID, example, string(u))
	}
	return nil
}
