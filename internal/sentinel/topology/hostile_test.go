package topology

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Files that are made to take for ever are refused, or read, within seconds and without a deep stack.
func TestHostileFiles(t *testing.T) {
	var many, chain, fan strings.Builder
	many.WriteString("services:\n")
	for i := range 1000 {
		fmt.Fprintf(&many, "- {name: s%d, operations: [{name: o, latency: {median: 1ms}}]}\n", i)
	}
	many.WriteString("entries: [{operation: s0/o}]\n")
	// Each operation calls the next one twice: 2^990 spans.
	for i := range 990 {
		fmt.Fprintf(&chain, "  - {name: o%d, latency: {median: 1ms}, calls: [{to: a/o%d, times: 2}]}\n", i, i+1)
		fmt.Fprintf(&fan, "  - {name: o%d, latency: {median: 1ms}, calls: [{to: a/o%d}, {to: a/o%d}]}\n", i, i+1, i+1)
	}
	file := func(operations string) string {
		return "services: \n- name: a\n  operations:\n" + operations + "  - {name: o990, latency: {median: 1ms}}\nentries: [{operation: a/o0}]\n"
	}
	for name, text := range map[string]string{
		"deep":          "services: " + strings.Repeat("[", 100_000),
		"deep value":    "services: [{name: a, attributes: {x: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}}]",
		"aliases":       "services:\n- &a [x, x, x, x, x, x, x, x]\n- &b [*a, *a, *a, *a, *a, *a, *a, *a]\n- &c [*b, *b, *b, *b, *b, *b, *b, *b]\n- [*c, *c, *c, *c, *c, *c, *c]",
		"alias to self": "services: &a [*a]",
		"chain":         file(chain.String()),
		"fan":           file(fan.String()),
		"many":          many.String(),
		"too many":      "services:\n- {name: more, operations: [{name: o, latency: {median: 1ms}}]}\n" + strings.TrimPrefix(many.String(), "services:\n"),
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			top, err := Parse("x.yaml", []byte(text))
			assert.Less(t, time.Since(begin), 20*time.Second)
			if name == "many" {
				require.NoError(t, err)
				assert.Len(t, top.Services, 1000)
				return
			}
			require.Error(t, err)
			assert.Less(t, len(err.Error()), 20_000)
			t.Log(time.Since(begin), err)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		_, err := Parse("shop", shop)
		require.NoError(b, err)
	}
}
