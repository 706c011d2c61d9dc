package vantage

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
)

type sentinel struct {
	component.Component
	Sentinel
}

func TestFind(t *testing.T) {
	eu, us, other := component.MustNewIDWithName("sentinel", "eu"), component.MustNewID("sentinel"), component.MustNewID("console")
	one, two := &sentinel{}, &sentinel{}
	only := map[component.ID]component.Component{eu: one, other: nil}
	both := map[component.ID]component.Component{eu: one, us: two, other: nil}

	found, err := Find(only, nil)
	require.NoError(t, err)
	assert.Same(t, one, found)
	found, err = Find(both, &us)
	require.NoError(t, err)
	assert.Same(t, two, found)
	found, err = Find(map[component.ID]component.Component{other: nil}, nil)
	require.NoError(t, err)
	assert.Nil(t, found)

	_, err = Find(both, nil)
	require.EqualError(t, err, "extension: there are several, sentinel and sentinel/eu; name the one to use")
	_, err = Find(only, &us)
	require.EqualError(t, err, `extension: there is no extension "sentinel"; add it to service::extensions`)
	_, err = Find(only, &other)
	require.EqualError(t, err, `extension: "console" is no sentinel; name one of type sentinel`)
}
