// Package api is the HTTP interface of smart_tail_sampling, for the console extension.
//
//	Routes     method, path and handler of each       (routes.go)
//	overview   /api/sampling                          (overview.go)
//	paths      /api/sampling/paths, and one of them   (paths.go)
//	map        /api/sampling/map                      (servicemap.go)
//	traces     /api/sampling/traces/{trace}           (traces.go)
//
// Times are RFC 3339, durations are seconds (their names end so), shares and probabilities are 0 to 1. What is not known is null.
package api
