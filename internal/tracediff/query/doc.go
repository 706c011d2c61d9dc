// Package query parses and evaluates the queries of trace diff.
//
// The query * matches every span, also one without a service; it stands alone. Any other has one of two forms. The first is that of LightStep's explorer:
//
//	service IN ("cart", "checkout") AND NOT (operation = "health" OR "http.status_code" < 500)
//
//	expression  all of AND, OR, NOT, parentheses; AND binds stronger than OR          parser.go
//	predicate   key [NOT] IN (value, ...)  |  key = != > >= < <= value                predicate.go
//	key         a word, or anything between quotes; see below                         field.go
//	value       a quoted string, a number, true, false, a duration such as 250ms
//
// Keywords are written in any case; == means =, and <> means !=. The second form is a condition of the OpenTelemetry
// Transformation Language in the span context, behind the prefix "ottl:" (ottl.go). A text without the prefix is taken to be
// OTTL if it does not parse as the first form and parses as a condition; otherwise the error is that of the first form.
//
// # Keys
//
// service is the resource's service.name and operation is the span's name, as it was sent or as tracesketch normalises it.
// Any other key is an attribute, of the span or else of the resource. Where neither has the attribute, five keys stand for
// a part of the span: error (true, false), status (unset, ok, error), kind (internal, server, client, producer, consumer),
// version (the resource's service.version) and duration (compared with a duration: duration > 250ms).
//
// trace.duration is that of the whole trace, from the earliest start to the latest end of its spans; trace:duration, as TraceQL has it,
// means the same. It is known only when the trace is complete, so that a span is asked for ranges of it before (whole.go). A trace may
// last longer than each of its spans, and most of its spans are shorter: slow traces are trace.duration > 1s, and fast ones
// trace.duration <= 1s, where duration <= 1s is true of some span of nearly every trace. OTTL has no such path.
//
// # Comparisons
//
// A value that is a number compares with numbers and with strings that hold one; a string compares as text with what the
// attribute looks like as text, but for > >= < <= between two numbers. A key that is absent equals nothing, and has no order: = IN
// and > < are false, != and NOT IN are true. So a != b is always NOT a = b.
package query
