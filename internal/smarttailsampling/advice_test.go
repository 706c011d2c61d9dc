package smarttailsampling

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// What cannot match is said, with the spelling that can; what can is left alone.
func TestConditionsThatCannotMatch(t *testing.T) {
	for condition, want := range map[string]string{
		`status.code == "ERROR"`:                              "status.code == STATUS_CODE_ERROR",
		`span.status.code == "STATUS_CODE_ERROR"`:             "status.code == STATUS_CODE_ERROR",
		`kind == "server"`:                                    "kind == SPAN_KIND_SERVER",
		`attributes["http.response.status_code"] == "500"`:    `attributes["http.response.status_code"] == 500`,
		`attributes["http.status_code"] >= "500"`:             `attributes["http.status_code"] >= 500`,
		`end_time - start_time > 2000`:                        `end_time - start_time > Duration("2s")`,
		`end_time - start_time > "2s"`:                        `end_time - start_time > Duration("2s")`,
		`status.code == STATUS_CODE_ERROR`:                    "",
		`status.code == 2`:                                    "",
		`attributes["kind"] == "server"`:                      "",
		`attributes["http.response.status_code"] == 500`:      "",
		`attributes["url.path"] == "/healthz"`:                "",
		`end_time - start_time > Duration("2s")`:              "",
		`attributes["tenant"] == "4711" and name == "GET /x"`: "",
	} {
		got := conditionAdvice(condition)
		if want == "" {
			assert.Empty(t, got, condition)
		} else {
			assert.Contains(t, got, "write "+want, condition)
		}
	}
}

func TestAdviceNamesTheKey(t *testing.T) {
	c := changed(func(c *Config) {
		c.Budget.Percentage = ptr(0.05)
		c.Rules = []RuleConfig{{Name: "a", Action: "keep", Span: []string{"true", `status.code == "ERROR"`}}}
	})
	require.NoError(t, c.Validate())
	got := c.Advice()
	require.Len(t, got, 2)
	assert.Equal(t, "budget::percentage: 0.05 is that many per cent of the spans; if 5 % is meant, write 5", got[0])
	assert.Contains(t, got[1], "rules::0::span::1: status.code")
	assert.Empty(t, changed(nil).Advice())
}

// A duration without a unit, or with one that there is not, is answered with how to write it.
func TestDurationsWithoutAUnit(t *testing.T) {
	for value, want := range map[any]string{
		30:    "completion::max_wait: must be at least initial_wait (10s), got 30ns; a duration needs a unit, if seconds are meant write 30s",
		"30d": "durations are written with the units h, m, s or ms",
		"30":  "durations are written with the units h, m, s or ms",
	} {
		c := DefaultConfig()
		err := confmap.NewFromStringMap(map[string]any{"completion": map[string]any{"max_wait": value}}).Unmarshal(c)
		if err == nil {
			err = c.Validate()
		}
		assert.ErrorContains(t, err, want, "%v", value)
	}
}
