// Package smarttailsamplingconnector is smart_tail_sampling with a second output: beside the traces worth keeping, exact metrics of all
// traces.
//
// Factory and wiring are here: internal/smarttailsampling has the configuration, internal/tailsampling what the sampler does, and
// internal/tracemetrics counts.
package smarttailsamplingconnector

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../connector/smarttailsamplingconnector/metadata.yaml
