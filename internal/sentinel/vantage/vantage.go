// Package vantage is how the receivers, exporters and the extension of a sentinel meet within one collector.
//
// The extension implements Sentinel; receivers and exporters find it with Find. Without an extension they work as well, each
// in a collector of its own, when they are given the key themselves.
package vantage

import (
	"go.opentelemetry.io/collector/component"

	"github.com/assayhq/assay/internal/extensions"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

// Sentinel is what the sentinel extension offers.
type Sentinel interface {
	// Key is the key of all receivers and exporters of this sentinel.
	Key() *identity.Key
	// Instance is the instance under which its receivers send.
	Instance() uint16
	// Announce says that a receiver is about to send streams. It fails if the number of one is taken by another receiver.
	Announce(receiver component.ID, streams []Stream) (Ledger, error)
	// Attach adds a place where traces are judged. Verdicts there count for the sentinel's own.
	Attach(exporter component.ID, place Place) (Judge, error)
}

// Stream is a stream that a receiver sends.
type Stream struct {
	*traffic.Stream
	Alert string // the rule that the errors of the stream trip; empty: none
}

// Ledger takes what a receiver tells of its own work, on a road that is not the pipeline's.
type Ledger interface {
	// Told takes a manifest when it is sent. The ledger may keep it.
	Told(stream *traffic.Stream, manifest *traffic.Manifest)
	// Close says that the receiver ends: what comes later is not missing.
	Close()
}

// Find returns the extension named, or the only one there is. It is nil, without an error, when none is named and there is none.
func Find(all map[component.ID]component.Component, name *component.ID) (Sentinel, error) {
	return extensions.Find[Sentinel](all, name, "extension", "is no sentinel; name one of type sentinel")
}
