package vantage

import (
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// Place is where an exporter judges what arrives.
type Place struct {
	// Config says what is particular to the place. The sentinel fills in what is not set: Key, LateAfter, LostAfter, MaxTraces.
	// Streams are those of generators elsewhere; the ones of receivers in this collector are added when they announce them.
	// Report and Manifest may be set, and are called besides the sentinel's own.
	verify.Config
	// Wait is what a sampler in between declares that it holds traces back. It is added to LateAfter, LostAfter and the promised P99.
	Wait time.Duration
	// Receivers are those of this collector whose traces come here; nil: all.
	Receivers []component.ID
}

// Judge observes at a place. The sentinel lets its time pass.
type Judge interface {
	// Observe takes what has arrived, and keeps nothing of it.
	Observe(ptrace.Traces)
	// State is a summary of the present.
	State() verify.State
	// Close says that the exporter ends: what comes later is not missing.
	Close()
}
