package smarttailsampling

import (
	"errors"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/assayhq/assay/internal/tailsampling"
)

// health tells the host when memory has stopped intake, and when there is ample room again. Between the two it is silent,
// however often intake fails and succeeds.
type health struct {
	host component.Host
	full atomic.Bool
}

// note takes in how an intake ended; roomy tells whether memory is no longer short.
func (h *health) note(err error, roomy func() bool) {
	switch {
	case errors.Is(err, tailsampling.ErrFull):
		if h.full.CompareAndSwap(false, true) {
			componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(err))
		}
	case err == nil && h.full.Load() && roomy():
		if h.full.CompareAndSwap(true, false) {
			componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
		}
	}
}
