// Package api is the HTTP interface of smart_tail_sampling, for the console extension.
//
//	Routes     method, path and handler of each       (routes.go)
//	overview   /api/sampling                          (overview.go)
//	paths      /api/sampling/paths, and one of them   (paths.go)
//	map        /api/sampling/map                      (servicemap.go)
//	traces     /api/sampling/traces/{trace}           (traces.go)
//
// What is answered has the types of package wire.
package api
