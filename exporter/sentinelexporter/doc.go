// Package sentinelexporter judges, at the end of a pipeline, what has become of the traces that a sentinel sent into it. It
// passes nothing on.
//
//	Config      key, streams, times, what lies between     (config.go, validate.go)
//	exporter    where it judges: at the sentinel extension's, or alone   (exporter.go, alone.go)
//	telemetry   verdicts as metrics, logs and status       (telemetry.go)
//
// What is judged, and how, is in internal/sentinel/verify.
package sentinelexporter

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../exporter/sentinelexporter/metadata.yaml
