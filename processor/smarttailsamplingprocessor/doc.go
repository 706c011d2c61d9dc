// Package smarttailsamplingprocessor keeps the traces worth looking at, inside a budget, with numbers that still add up.
//
// Only the factory is here: internal/smarttailsampling has configuration and wiring, internal/tailsampling what the sampler does.
package smarttailsamplingprocessor

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../processor/smarttailsamplingprocessor/metadata.yaml
