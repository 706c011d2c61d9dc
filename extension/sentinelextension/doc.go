// Package sentinelextension holds what a collector's sentinel components share and tells the world what they found: the key
// and the ledger, the pollers of backends, the watch over alerts and numbers, the verdict, and its routes under the console.
//
//	Config      every option; what is wrong with it                        (config.go, validate.go)
//	factory     from a configuration to an extension                       (factory.go)
//	extension   the extension's life                                       (extension.go)
//	clients     backends, Prometheus, Alertmanager, heartbeat              (clients.go, webhook.go)
//	memory      what is kept in a storage extension                        (memory.go)
//	telemetry   the component's own metrics and status                     (telemetry.go)
//
// The verdict itself is made in internal/sentinel/watch. Receivers and exporters find the extension by package vantage.
package sentinelextension

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../extension/sentinelextension/metadata.yaml
