package replay

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/test/golden"
)

func TestSummaryText(t *testing.T) {
	well := Summary{
		Endpoint: "localhost:4317", Protocol: "grpc", Files: 1, Passes: 1, Batches: 170, Bytes: 7_403_112,
		Spans: 17_209, Accepted: 17_209, Seconds: 20.381, SpansPerSecond: 844.4,
	}
	badly := Summary{
		Endpoint: "https://otlp.example.com:443/v1/traces", Protocol: "http", Files: 2, Passes: 100, Batches: 17_000, Bytes: 740_311_200,
		Spans: 1_720_900, Accepted: 1_720_000, Refused: 700, Unsent: 200, Retries: 1234, BrokenRecords: 2, BrokenFiles: 1,
		Seconds: 1234.5, SpansPerSecond: 1393.3, BehindSeconds: 3.25, Interrupted: true,
		Errors: []Message{
			{"HTTP 400 Bad Request: bad\x1b[2J", 1_200}, {"traces.jsonl: line 3, byte 17: text outside of a JSON object", 1},
		},
		Warnings: []Message{{"the receiver says: deprecated", 1}},
	}
	nothing := Summary{Endpoint: "localhost:4317", Protocol: "grpc", Files: 1, Passes: 1, Seconds: 0.004}
	one := Summary{Endpoint: "localhost:4317", Protocol: "grpc", Files: 1, Passes: 1, Spans: 1, Accepted: 1, Batches: 1, Bytes: 100}
	for name, s := range map[string]Summary{"well": well, "badly": badly, "nothing": nothing, "one": one} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, s.WriteText(&b))
			golden.Equal(t, "summary_"+name+".txt", b.String())
			var j bytes.Buffer
			e := json.NewEncoder(&j)
			e.SetIndent("", "  ")
			require.NoError(t, e.Encode(s))
			golden.Equal(t, "summary_"+name+".json", j.String())
		})
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 100000: "100,000"} {
		assert.Equal(t, want, grouped(n))
	}
}

func TestMessagesAreBounded(t *testing.T) {
	var list []Message
	for _, text := range []string{"a", "b", "a", "c", "d", "e", "f", "a"} {
		list = addMessage(list, text)
	}
	assert.Equal(t, []Message{{"a", 3}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}}, list)
}
