// Package api is the HTTP interface of trace diff, for the console extension.
//
//	Routes       method, path and handler of each                      (routes.go)
//	requests     strict JSON, bounded, and all that is wrong at once   (request.go, page.go)
//	answers      errors as {message}, numbers that JSON has            (answer.go, number.go)
//	queries      /api/queries                                          (queries.go, definition.go)
//	snapshots    /api/snapshots                                        (snapshots.go)
//	diffs        /api/diffs, and as Markdown                           (diffs.go, groups.go, changes.go, apart.go)
//	topology     /api/topology, /api/evolution, /api/deployments    (topology.go)
//	OpenAPI      /api/openapi.json, tested against the handlers        (openapi.go)
//
// The routes and fields of the tutorial that trace diff grew from keep their names and meaning: times are in seconds since
// 1970, latencies in the values of a diff in microseconds, and a diff says B minus A. What is new stands beside them.
package api
