package backend

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// jaegerJSON is the part that is needed of an answer of Jaeger's JSON API.
type jaegerJSON struct {
	Data []struct {
		Spans []struct {
			SpanID string `json:"spanID"`
		} `json:"spans"`
	} `json:"data"`
	Errors []struct {
		Code    int    `json:"code"`
		Message string `json:"msg"`
	} `json:"errors"`
}

// readCopies counts spans by id.
func readCopies(body []byte) (map[pcommon.SpanID]int, error) {
	var answer jaegerJSON
	if err := boundJSON(body); err != nil {
		return nil, fmt.Errorf("not an answer of Jaeger's JSON API: %w", err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("not an answer of Jaeger's JSON API: %w", err)
	}
	for _, e := range answer.Errors {
		return nil, fmt.Errorf("jaeger says: %s (%d)", e.Message, e.Code)
	}
	if answer.Data == nil {
		return nil, errors.New("not an answer of Jaeger's JSON API: no data")
	}
	copies := map[pcommon.SpanID]int{}
	for _, trace := range answer.Data {
		for _, span := range trace.Spans {
			var id pcommon.SpanID
			// Jaeger leaves out leading zeros in places.
			text := fmt.Sprintf("%016s", span.SpanID)
			if n, err := hex.Decode(id[:], []byte(text)[:min(len(text), 16)]); err != nil || n != len(id) || len(text) > 16 {
				return nil, fmt.Errorf("spanID: must be 16 hexadecimal digits, got %q", span.SpanID)
			}
			copies[id]++
		}
	}
	return copies, nil
}
