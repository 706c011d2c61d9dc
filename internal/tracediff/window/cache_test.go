package window

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Senders choose the names, their number and their length: what is cached of them stays within its bounds.
func TestCachedNamesAreBounded(t *testing.T) {
	e := newHarness(t, Limits{}, every(t, "q", `service = "shop"`)).engine
	var b batch
	for _, names := range []struct{ length, count int }{{10, 2 * maxCached}, {maxCachedBytes / 3, 10}, {maxCachedBytes + 1, 2}} {
		for n := range names.count {
			span := tracesOf(spec{name: strings.Repeat("x", names.length) + letters(n)}).ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
			e.operation(&b, e.names.source("shop", ""), span)
		}
		held := 0
		for key := range b.operations.of {
			held += len(key.name)
		}
		assert.LessOrEqual(t, held, maxCachedBytes)
		assert.LessOrEqual(t, len(b.operations.of), maxCached)
		assert.NotEmpty(t, b.operations.of)
	}
}
