// Package synthetic makes traces of a microservice system that never was, with faults whose place is known.
//
// A [Topology] is drawn from a seed: services in layers, operations that take log-normal times with Pareto tails and call
// others, one after the other or all at once. [Topology.Traces] executes requests to its endpoints, some of them under a
// fault. The same options give the same traces.
package synthetic
