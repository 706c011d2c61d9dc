package window

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// More queries than bits of a word, each with a key of its own: every one sees its own traces and values.
func TestManyQueries(t *testing.T) {
	var queries []Query
	for n := range maxQueries {
		queries = append(queries, every(t, fmt.Sprint("q", n), fmt.Sprintf(`tenant = %d`, n), fmt.Sprint("key", n)))
	}
	h := newHarness(t, Limits{}, queries...)
	require.ErrorContains(t, h.engine.AddQuery(every(t, "one more", `service = "shop"`)), "at most 256 queries")
	for n := range maxQueries {
		spans := request(n+1, time.Second)
		spans[2].attributes = map[string]any{"tenant": n, fmt.Sprint("key", n): "own", fmt.Sprint("key", n+1): "of the next"}
		h.send(spans...)
	}
	h.pass(70 * time.Second)
	require.Len(t, h.closed, maxQueries)
	for n, s := range h.closed {
		require.Equal(t, fmt.Sprint("q", n), s.QueryID)
		require.EqualValues(t, 1, s.Coverage.Traces)
		attributes := 0
		for _, g := range s.Groups {
			if g.Kind == snapshot.Attribute {
				attributes++
			}
		}
		assert.Equal(t, 1, attributes)
		assert.Equal(t, 1, spansOf(s, valueOf(fmt.Sprint("key", n), "own")))
	}
}

// Keys may repeat, and may be those that every snapshot has anyway; attributes are looked up on the span, then on the resource.
func TestKeys(t *testing.T) {
	h := newHarness(t, Limits{}, every(t, "q", `service = "shop"`, "operation", "service.version", "tenant", "tenant", "service"))
	spans := request(1, time.Second)
	spans[0].version = "of the resource"
	spans[1].version, spans[1].attributes = "of the resource", map[string]any{"service.version": "of the span", "tenant": 7}
	h.send(spans...)
	h.pass(70 * time.Second)
	s := h.one()
	assert.Equal(t, []string{"operation", "service.version", "tenant", "tenant", "service"}, s.Keys)
	values := map[string]uint32{}
	for _, g := range s.Groups {
		if g.Kind == snapshot.Attribute {
			values[g.Key+" "+g.Value] = g.Sum().Spans
		}
	}
	assert.Equal(t, map[string]uint32{"service.version of the resource": 1, "service.version of the span": 1, "tenant 7": 1}, values)
}
