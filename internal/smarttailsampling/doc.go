// Package smarttailsampling is what the forms of smart_tail_sampling share, the processor and the connector: configuration, rules, the
// sampler's own metrics, and the engine between a pipeline and the next consumer. What the sampler does lives in internal/tailsampling.
package smarttailsampling

//go:generate go -C ../tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../smarttailsampling/metadata.yaml
