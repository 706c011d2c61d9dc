package smarttailsampling

import (
	"errors"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/assayhq/assay/internal/tailsampling"
)

// health tells the host when memory has stopped intake or the journal is down, and when neither is the case any more. Between the two
// it is silent, however often intake fails and succeeds.
type health struct {
	host component.Host
	full atomic.Bool // memory
	lame atomic.Bool // journal
}

// note takes in how an intake ended; roomy tells whether memory is no longer short.
func (h *health) note(err error, roomy func() bool) {
	switch {
	case errors.Is(err, tailsampling.ErrFull):
		if h.full.CompareAndSwap(false, true) {
			componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(err))
		}
	case err == nil && h.full.Load() && roomy():
		if h.full.CompareAndSwap(true, false) && !h.lame.Load() {
			componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
		}
	}
}

// journal takes in that the journal is down, and why, or whole again.
func (h *health) journal(err error) {
	h.lame.Store(err != nil)
	if err != nil {
		componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(fmt.Errorf("journal: %w", err)))
	} else if !h.full.Load() {
		componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}
