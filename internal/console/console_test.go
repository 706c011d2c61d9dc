package console

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
)

type plain struct{}

func (plain) Start(context.Context, component.Host) error { return nil }
func (plain) Shutdown(context.Context) error              { return nil }

type router struct {
	plain
	name string
}

func (router) Register(component.ID, []Route) (func(), error) { return func() {}, nil }
func (router) URL() string                                    { return "" }

func TestFind(t *testing.T) {
	id := component.MustNewIDWithName
	health, one, two := id("health_check", ""), id("console", ""), id("console", "two")
	extensions := func(ids ...component.ID) map[component.ID]component.Component {
		all := map[component.ID]component.Component{}
		for _, id := range ids {
			all[id] = router{name: id.String()}
			if id == health {
				all[id] = plain{}
			}
		}
		return all
	}
	cases := []struct {
		name       string
		extensions map[component.ID]component.Component
		named      *component.ID
		want       string
		wrong      string
	}{
		{name: "none", extensions: extensions(health)},
		{name: "the only one", extensions: extensions(health, one), want: "console"},
		{name: "named", extensions: extensions(one, two), named: &two, want: "console/two"},
		{name: "several", extensions: extensions(two, one), wrong: "console: there are several, console and console/two; name the one to use"},
		{name: "absent", extensions: extensions(one), named: &two, wrong: `console: there is no extension "console/two"; add it to service::extensions`},
		{name: "another kind", extensions: extensions(health), named: &health, wrong: `console: "health_check" serves no routes of others; name one of type console`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, err := Find(c.extensions, c.named)
			if c.wrong != "" {
				require.EqualError(t, err, c.wrong)
				return
			}
			require.NoError(t, err)
			if c.want == "" {
				assert.Nil(t, found)
				return
			}
			assert.Equal(t, c.want, found.(router).name)
		})
	}
}

func TestAnswer(t *testing.T) {
	w := httptest.NewRecorder()
	Refuse(w, http.StatusNotFound, `no such "thing"`)
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.JSONEq(t, `{"message":"no such \"thing\""}`, w.Body.String())

	w = httptest.NewRecorder()
	Answer(w, http.StatusOK, math.NaN())
	assert.Equal(t, http.StatusInternalServerError, w.Code, "a value that JSON has no form for is our mistake, and said so")
}
