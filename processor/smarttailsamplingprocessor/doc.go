// Package smarttailsamplingprocessor keeps the traces worth looking at, inside a budget, with numbers that still add up.
//
// Configuration, factory and wiring are here; what the sampler does lives in internal/tailsampling.
package smarttailsamplingprocessor

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../processor/smarttailsamplingprocessor/metadata.yaml
