// Package tracediffexporter says what changed between windows of traces.
//
// Configuration, factory and wiring are here; what it does lives in internal/tracediff.
package tracediffexporter

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../exporter/tracediffexporter/metadata.yaml
