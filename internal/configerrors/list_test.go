package configerrors

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestList(t *testing.T) {
	var l List
	require.NoError(t, l.Err())
	l.Below("nothing", nil)
	l.Between("wait", time.Second, time.Second, time.Second)
	require.NoError(t, l.Err(), "both ends are within")

	l.Add("file: %w", io.EOF)
	l.Below("slo", errors.Join(errors.New("p99: too long"), errors.New("window: too short")))
	l.Below("retry", errors.New("interval: too short"))
	l.Between("wait", 2*time.Second, 3*time.Second, time.Minute)
	require.ErrorIs(t, l.Err(), io.EOF)
	assert.EqualError(t, l.Err(), "file: EOF\nslo::p99: too long\nslo::window: too short\nretry::interval: too short\n"+
		"wait: must be between 3s and 1m0s, got 2s")
}
