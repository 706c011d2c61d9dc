// Package synthetic makes traces of a microservice system that never was, with faults whose place is known.
//
// A [Workload] is requests to a system of [microservices], as spans that begin and end: calls one after the other or all at once,
// own times with Pareto tails, data stores that only their callers' client spans know of. Some requests are under a fault. Equal
// options give equal traces.
//
// A fault is not a change of test/tracediff/simulation: it strikes single requests, which are labelled as struck only if they have
// come by its place, while a change holds for all requests of a part of a window.
package synthetic
