// Package consoleextension is one HTTP server for the APIs of all our components.
//
//	Config     where it listens, TLS, authentication      (config.go)
//	extension  the server's life                          (extension.go)
//	routes     which component answers which request      (routes.go)
//	index      what there is to ask for                   (index.go)
//	pages      the web UI, which is built from ui         (pages.go)
//	public     the status page for everybody              (public.go)
//
// Components hand their routes over through internal/console.
package consoleextension

//go:generate go -C ../../internal/tools/mdatagen run go.opentelemetry.io/collector/cmd/mdatagen ../../../extension/consoleextension/metadata.yaml
