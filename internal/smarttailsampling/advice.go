package smarttailsampling

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.opentelemetry.io/collector/confmap"
)

// Advice is what is valid, and probably not what was meant, each with the path of its key.
func (c *Config) Advice() []string {
	var out []string
	if p := c.Budget.Percentage; p != nil && *p < 0.1 {
		out = append(out, fmt.Sprintf("budget::percentage: %v is that many per cent of the spans; if %v %% is meant, write %v", *p, *p*100, *p*100))
	}
	for i := range c.Rules {
		for n, condition := range c.Rules[i].Span {
			if a := conditionAdvice(condition); a != "" {
				out = append(out, fmt.Sprintf("rules::%d::span::%d: %s", i, n, a))
			}
		}
		for n, condition := range c.Rules[i].Resource {
			if a := conditionAdvice(condition); a != "" {
				out = append(out, fmt.Sprintf("rules::%d::resource::%d: %s", i, n, a))
			}
		}
	}
	return out
}

// Comparisons of values whose types differ: OTTL evaluates them, and they never hold.
var (
	codeWithString   = regexp.MustCompile(`\bstatus\.code\s*[=!]=\s*"(\w+)"`)
	kindWithString   = regexp.MustCompile(`(?:^|[\s(.])kind\s*[=!]=\s*"(\w+)"`)
	numberWithString = regexp.MustCompile(`(attributes\["[^"]*(?:status_code|status\.code|port|size|length|count)"\])\s*([=!<>]=?)\s*"(\d+)"`)
	timeWithNumber   = regexp.MustCompile(`end_time\s*-\s*start_time\s*[=!<>]=?\s*("[^"]*"|\d+)`)
)

// conditionAdvice is how to write what a condition probably means; "" where there is nothing to say.
func conditionAdvice(condition string) string {
	const never = "compares values of different types, and never holds; write "
	if m := codeWithString.FindStringSubmatch(condition); m != nil {
		return "status.code " + never + "status.code == STATUS_CODE_" + lastWord(m[1], "STATUS_CODE_")
	}
	if m := kindWithString.FindStringSubmatch(condition); m != nil {
		return "kind " + never + "kind == SPAN_KIND_" + lastWord(m[1], "SPAN_KIND_")
	}
	if m := numberWithString.FindStringSubmatch(condition); m != nil {
		return fmt.Sprintf("%s is a number where instrumentation follows the conventions, and a number never equals a string; write %s %s %s", m[1], m[1], m[2], m[3])
	}
	if m := timeWithNumber.FindStringSubmatch(condition); m != nil {
		return "end_time - start_time " + never + `end_time - start_time > Duration("2s")`
	}
	return ""
}

func lastWord(s, prefix string) string { return strings.TrimPrefix(strings.ToUpper(s), prefix) }

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal reads a configuration. Errors about durations say which units there are.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	err := conf.Unmarshal(c)
	if err != nil && (strings.Contains(err.Error(), "time: unknown unit") || strings.Contains(err.Error(), "time: missing unit")) {
		return fmt.Errorf("%w\ndurations are written with the units h, m, s or ms, as in 30s or 48h", err)
	}
	return err
}

// withoutUnit is what to say of a duration so short that its unit was probably left out, as in max_wait: 30.
func withoutUnit(d time.Duration) string {
	if d > 0 && d < time.Millisecond {
		return fmt.Sprintf("; a duration needs a unit, if seconds are meant write %ds", d.Nanoseconds())
	}
	return ""
}
