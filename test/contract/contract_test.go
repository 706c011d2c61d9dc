package contract

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/openapi"
)

// What the check is for: a field that the document does not know, one too few, or one of another type is found.
func TestFindsDifferences(t *testing.T) {
	for text, right := range map[string]bool{
		`{"message":"m"}`: true, `{"message":"m","more":1}`: false, `{}`: false, `{"message":1}`: false, `{"message":null}`: false,
	} {
		inner := &recorder{TB: t}
		c := New(t)
		c.t = inner
		c.Conforms("/components/schemas/Problem", text, "problem")
		assert.Equal(t, right, !inner.failed, text)
	}
}

// Nulls are where they may be, and nowhere else.
func TestNulls(t *testing.T) {
	const version = `{"service":"s","version":"1","weight":%w,"first":%f,"last":"2026-03-01T12:00:00Z"}`
	for values, right := range map[[2]string]bool{
		{"null", "null"}: true, {"1.5", `"2026-03-01T12:00:00.5Z"`}: true, {`"1"`, "null"}: false, {"1", `"yesterday"`}: false, {"1", "1700000000"}: false,
	} {
		inner := &recorder{TB: t}
		c := New(t)
		c.t = inner
		c.Conforms("/components/schemas/Version", strings.NewReplacer("%w", values[0], "%f", values[1]).Replace(version), "version")
		assert.Equal(t, right, !inner.failed, values)
	}
}

// recorder notes failures, in place of failing.
type recorder struct {
	testing.TB
	failed bool
}

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

var reference = regexp.MustCompile(`"\$ref": *"#/components/schemas/([^"]+)"`)

// All that is referred to is there, all that is there is referred to, and parameters of paths are declared.
func TestDocumentIsWhole(t *testing.T) {
	var d struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Summary    string
			Parameters []struct{ Name, In string }
			Responses  map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	require.NoError(t, json.Unmarshal(openapi.Document(), &d))
	assert.Equal(t, "3.1.0", d.OpenAPI)
	used := map[string]bool{}
	for _, m := range reference.FindAllStringSubmatch(string(openapi.Document()), -1) {
		assert.Contains(t, d.Components.Schemas, m[1])
		used[m[1]] = true
	}
	for name := range d.Components.Schemas {
		assert.True(t, used[name], "%s is not used", name)
	}
	for path, methods := range d.Paths {
		for method, o := range methods {
			assert.NotEmpty(t, o.Summary, path)
			declared := map[string]bool{}
			for _, p := range o.Parameters {
				assert.False(t, declared[p.Name], "%s %s: %s is there twice", method, path, p.Name)
				declared[p.Name] = true
				assert.Equal(t, strings.Contains(path, "{"+p.Name+"}"), p.In == "path", "%s: %s", path, p.Name)
			}
			assert.Contains(t, o.Responses, "400")
		}
	}
	assert.Contains(t, d.Paths[openapi.Path], strings.ToLower(http.MethodGet))
}

var (
	snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	// The tutorial's own names, which only its types may have.
	tutorials = []string{"createdAt", "groupByKeys", "snapshotId", "completeTime", "calculatedAt", "linkA", "linkB"}
)

// One style everywhere: names in snake_case, and what counts seconds says so. Only the adapter for the tutorial has other names, and only those.
func TestStyle(t *testing.T) {
	var d struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Description string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(openapi.Document(), &d))
	for schema, s := range d.Components.Schemas {
		for name, p := range s.Properties {
			tutorial := strings.HasPrefix(schema, "Tutorial") && slices.Contains(tutorials, name)
			assert.True(t, tutorial || snake.MatchString(name), "%s.%s", schema, name)
			assert.NotRegexp(t, `_(ns|us|ms|millis|nanos)$`, name, schema)
			if !strings.HasPrefix(schema, "Tutorial") {
				assert.NotRegexp(t, `µs|\bns\b|seconds since 1970`, p.Description, "%s.%s", schema, name)
			}
		}
	}
}
