package smarttailsampling

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/assayhq/assay/internal/tailsampling"
	"github.com/assayhq/assay/test/hosttest"
)

// An operator sees one event when intake stops and one when it goes on, not one for every refused batch.
func TestHealthReportsTransitionsOnly(t *testing.T) {
	host := &hosttest.Host{}
	h := health{host: host}
	roomy := false
	note := func(err error) { h.note(err, func() bool { return roomy }) }

	note(nil)
	note(context.Canceled)
	assert.Empty(t, host.Statuses())
	note(fmt.Errorf("intake: %w", tailsampling.ErrFull))
	note(tailsampling.ErrFull)
	note(nil) // let in, but memory is still short
	note(errors.New("else"))
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.Statuses())
	roomy = true
	note(nil)
	note(nil)
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, host.Statuses())
}
