// Package topology draws the system from snapshots: what calls what, how often, how fast and with how many errors, and how that
// has changed over many windows.
//
//	Snapshot  -> Graph        services and calls between them, operations and calls between those    graph.go
//	Graph     -> DOT          for Graphviz                                                           dot.go
//	Snapshots -> Evolution    when each part was first and last seen, deployments                    evolution.go, deployment.go
//
// All types marshal to JSON as they are: rates per second, durations in nanoseconds, shares from 0 to 1, times as RFC 3339.
package topology
