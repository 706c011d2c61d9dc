// Package hosttest is the collector around a component, in tests.
package hosttest

import (
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// Host has extensions, and notes the status events it is told. The zero value has none.
type Host struct {
	Extensions map[component.ID]component.Component

	mu     sync.Mutex // guards events
	events []*componentstatus.Event
}

var (
	_ component.Host           = (*Host)(nil)
	_ componentstatus.Reporter = (*Host)(nil)
)

// GetExtensions implements component.Host.
func (h *Host) GetExtensions() map[component.ID]component.Component { return h.Extensions }

// Report implements componentstatus.Reporter.
func (h *Host) Report(e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// Events returns what it was told.
func (h *Host) Events() []*componentstatus.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// Statuses returns the status of each event.
func (h *Host) Statuses() (all []componentstatus.Status) {
	for _, e := range h.Events() {
		all = append(all, e.Status())
	}
	return all
}
