package query

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// example is a failed call of 300 ms.
func example() (ptrace.ResourceSpans, ptrace.ScopeSpans, ptrace.Span) {
	rs := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "checkout")
	rs.Resource().Attributes().PutStr("service.version", "1.4.2")
	rs.Resource().Attributes().PutStr("k8s.namespace", "shop")
	rs.Resource().Attributes().PutStr("tenant", "of the resource")
	ss := rs.ScopeSpans().AppendEmpty()
	ss.Scope().SetName("http")
	span := ss.Spans().AppendEmpty()
	span.SetName("GET /cart/8f3c2a91d0")
	span.SetKind(ptrace.SpanKindServer)
	span.Status().SetCode(ptrace.StatusCodeError)
	start := time.Unix(1_700_000_000, 0)
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(300 * time.Millisecond)))
	a := span.Attributes()
	a.PutInt("http.status_code", 503)
	a.PutStr("retries", "12")
	a.PutDouble("ratio", 0.5)
	a.PutBool("cached", true)
	a.PutStr("tenant", `acme "west"`)
	a.PutEmptySlice("list").AppendEmpty().SetInt(1)
	a.PutStr("city", "Zürich")
	return rs, ss, span
}

// Everything matches a span that has nothing at all, and stands alone.
func TestEverything(t *testing.T) {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	for _, text := range []string{"*", " *\n"} {
		q, err := Parse(text)
		require.NoError(t, err)
		assert.True(t, q.Matches(rs, ss, ss.Spans().AppendEmpty()))
		assert.True(t, q.Matches(example()))
		assert.Nil(t, q.ottl)
		assert.Equal(t, text, q.String())
	}
	for _, text := range []string{`* AND service = "a"`, `NOT *`, `**`, `service = *`, `service IN (*)`} {
		_, err := Parse(text)
		require.ErrorContains(t, err, "(* matches every span and stands alone)", text)
	}
}

func TestMatches(t *testing.T) {
	for text, want := range map[string]bool{
		`service IN ("checkout")`:                                   true,
		`service IN ("cart", "checkout")`:                           true,
		`service IN ("cart")`:                                       false,
		`service NOT IN ("cart")`:                                   true,
		`service not in ("checkout")`:                               false,
		`"service" = 'checkout'`:                                    true,
		`service == "checkout" AND operation = "nothing"`:           false,
		`service == "checkout" and not operation = "nothing"`:       true,
		`operation = "GET /cart/8f3c2a91d0"`:                        true,
		`operation IN ("GET /cart/*")`:                              true,
		`operation != "GET /cart/*"`:                                false,
		`operation > "GET /a" AND operation < "GET /d"`:             true,
		`"http.status_code" >= 500`:                                 true,
		`http.status_code >= 500`:                                   true,
		`http.status_code > 503`:                                    false,
		`http.status_code <= 503 AND http.status_code < 503.5`:      true,
		`http.status_code = "503"`:                                  true,
		`http.status_code = 503.0`:                                  true,
		`http.status_code > "500"`:                                  true,
		`http.status_code IN (500, 503)`:                            true,
		`http.status_code NOT IN (500, 503)`:                        false,
		`http.status_code <> 503`:                                   false,
		`http.status_code = "broken"`:                               false,
		`http.status_code IN (1,2,3,4,5,6,7,8,503)`:                 true,
		`http.status_code IN ("1","2","3","4","5","6","7","503.0")`: true,
		`http.status_code IN ("1","2","3","4","5","6","7","8")`:     false,
		`service IN ("1","2","3","4","5","6","7","checkout")`:       true,
		`retries IN (1,2,3,4,5,6,7,8,12.0)`:                         true,
		`retries > 9`:                                               true,
		`retries > "9"`:                                             true,
		`retries = 12.0`:                                            true,
		`retries = "12.0"`:                                          false,
		`tenant > 9`:                                                false,
		`ratio = 0.5`:                                               true,
		`ratio < .6`:                                                true,
		`cached = true`:                                             true,
		`cached = FALSE`:                                            false,
		`cached = "true"`:                                           true,
		`tenant = "acme \"west\""`:                                  true,
		`tenant = 'acme "west"'`:                                    true,
		`tenant = "of the resource"`:                                false,
		`k8s.namespace = "shop"`:                                    true,
		`city = "Zürich"`:                                           true,
		`list = "[1]"`:                                              true,
		`absent = "x"`:                                              false,
		`absent != "x"`:                                             true,
		`absent NOT IN ("x")`:                                       true,
		`NOT absent = "x"`:                                          true,
		`absent > 0`:                                                false,
		`error = true`:                                              true,
		`"error" IN ("true")`:                                       true,
		`status = "error"`:                                          true,
		`status != "error"`:                                         false,
		`kind = "server"`:                                           true,
		`kind IN ("client", "producer")`:                            false,
		`version = "1.4.2"`:                                         true,
		`duration > 250ms`:                                          true,
		`duration > 0.3s`:                                           false,
		`duration >= 300`:                                           true,
		`duration = "300ms"`:                                        true,
		`duration IN (1s, 300ms)`:                                   true,
		`service = "a" OR service = "checkout" AND retries = 13`:    false,
		`(service = "a" OR service = "checkout") AND retries = 12`:  true,
		`NOT (service = "checkout" AND NOT retries = 12)`:           true,
		`NOT NOT service = "checkout"`:                              true,
		"service\n=\t\"checkout\"":                                  true,

		`ottl: resource.attributes["service.name"] == "checkout"`: true,
		`  ottl:attributes["http.status_code"] >= 504`:            false,
		`attributes["http.status_code"] == 503`:                   true,
		`IsMatch(name, "^GET")`:                                   true,
		`kind == SPAN_KIND_CLIENT`:                                false,
		`ottl: instrumentation_scope.name == "http"`:              true,
		`ottl: Int(attributes["tenant"]) > 1`:                     false, // fails on the span
	} {
		q, err := Parse(text)
		require.NoError(t, err, text)
		rs, ss, span := example()
		assert.Equal(t, want, q.Matches(rs, ss, span), text)
		assert.Equal(t, text, q.String())
	}
}

// An attribute of the name of a part of the span goes first.
func TestAttributesGoBeforeParts(t *testing.T) {
	rs, ss, span := example()
	span.Attributes().PutStr("status", "shipped")
	span.Attributes().PutStr("error", "timeout")
	q, err := Parse(`status = "shipped" AND error = "timeout" AND service = "checkout"`)
	require.NoError(t, err)
	assert.True(t, q.Matches(rs, ss, span))
}

func TestErrorsSayWhereAndWhatElse(t *testing.T) {
	for text, want := range map[string]string{
		``:                               `query: column 1: expected a key such as service, operation or "http.status_code", got the end of the query`,
		`service`:                        `query: column 8: expected IN, NOT IN or one of = != > >= < <=, got the end of the query`,
		`service IN`:                     `query: column 11: expected an opening parenthesis, as in ("a", "b"), got the end of the query`,
		`service IN "a"`:                 `query: column 12: expected an opening parenthesis, as in ("a", "b"), got "\"a\""`,
		`service IN ("a"`:                `query: column 16: expected a comma or a closing parenthesis, got the end of the query`,
		`service IN ("a" "b")`:           `query: column 17: expected a comma or a closing parenthesis, got "\"b\""`,
		`service IN ()`:                  `query: column 13: expected a string in quotes, a number, true, false or a duration such as 250ms, got ")"`,
		`service IN ("a",)`:              `query: column 17: expected a string in quotes, a number, true, false or a duration such as 250ms, got ")"`,
		`service = checkout`:             `query: column 11: expected a string in quotes, a number, true, false or a duration such as 250ms, got "checkout"`,
		`service NOT "a"`:                `query: column 13: expected IN, got "\"a\""`,
		`service ~ "a"`:                  `query: column 9: expected a key, a value, an operator or a parenthesis, got "~"`,
		`city = "Zürich" AN x = 1`:       `query: column 17: expected AND, OR or the end of the query, got "AN"`,
		`city = "Zürich`:                 `query: column 15: expected a closing quote for the string that begins at column 8, got the end of the query`,
		`(service = "a"`:                 `query: column 15: expected AND, OR or a closing parenthesis, got the end of the query`,
		`service = "a")`:                 `query: column 14: expected AND, OR or the end of the query, got ")"`,
		`AND service = "a"`:              `query: column 1: expected a key such as service, operation or "http.status_code", got "AND"`,
		`service = "a" AND`:              `query: column 18: expected a key such as service, operation or "http.status_code", got the end of the query`,
		`"" = "a"`:                       `query: column 1: expected a key that is not empty, got "\"\""`,
		`duration > "long"`:              `query: column 12: expected a duration such as 250ms, got "\"long\""`,
		`attributes["a" = 1`:             `query: column 11: expected a key, a value, an operator or a parenthesis, got "[" (a condition of OTTL begins with ottl:)`,
		"service = \x01":                 `query: column 11: expected a key, a value, an operator or a parenthesis, got "\x01"`,
		"service = \xff":                 `query: column 11: expected a key, a value, an operator or a parenthesis, got "\xff"`,
		strings.Repeat("(", 300):         `query: column 201: expected at most 200 parentheses and NOT within each other, got "("`,
		`a = ` + strings.Repeat("x", 50): `got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."`,
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, want, text)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax)
	}
	_, err := Parse(strings.Repeat("a", maxLength+1))
	require.ErrorContains(t, err, "expected a query of at most 16384 bytes")
	_, err = Parse(`a = 1` + strings.Repeat(` OR a = 1`, 1000))
	require.ErrorContains(t, err, "expected at most 1000 comparisons")
}

func TestErrorsOfOTTL(t *testing.T) {
	for text, column := range map[string]int{
		`ottl: attributes["a"] = 1`:                        23,
		`ottl:name ==`:                                     13,
		`ottl: Nothing(name) == 1`:                         7,
		`ottl:`:                                            6,
		`ottl: nothing == 1`:                               7,
		"ottl: " + strings.Repeat("(", 7):                  13,
		"ottl: " + strings.Repeat(`Concat([`, 50):          37,
		`ottl: name == "((((((((((" and [[[[[[[`:           38,
		"ottl: " + strings.Repeat(`name == "x" or `, 1000): 7,
	} {
		_, err := Parse(text)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, text)
		assert.Equal(t, column, syntax.Column, "%s: %v", text, err)
		assert.Equal(t, "a condition of OTTL", syntax.Expected)
		assert.NotEmpty(t, syntax.Hint)
	}
}

func TestOTTL(t *testing.T) {
	for text, want := range map[string]bool{`ottl: name == "x"`: true, `name == "x"`: false, `IsMatch(name, "x")`: true} {
		q, err := Parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, q.ottl != nil, text)
	}
}

// Matches tells whether a span belongs to the query, taken for a whole trace by itself where that is asked for.
func (q *Query) Matches(rs ptrace.ResourceSpans, ss ptrace.ScopeSpans, span ptrace.Span) bool {
	if len(q.cuts) == 0 {
		return q.MatchesIn(0, rs, ss, span)
	}
	return q.MatchesIn(q.RangeOf(time.Duration(span.EndTimestamp()-span.StartTimestamp())), rs, ss, span)
}
