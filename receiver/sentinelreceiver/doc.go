// Package sentinelreceiver plays a mystery shopper: it sends traces of which everything is known beforehand into its pipelines.
//
//	Config     key, topology, streams                    (config.go, validate.go)
//	shared     one sender for traces and metrics         (factory.go)
//	receiver   key and instance, start and end           (receiver.go)
//	telemetry  what came of it, for the collector        (telemetry.go)
//	metrics    the same, for a pipeline of metrics       (metrics.go)
//
// What is sent, and how, is in internal/sentinel: identity, topology, traffic, generator.
package sentinelreceiver

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../receiver/sentinelreceiver/metadata.yaml
