// Package topology draws the system from snapshots: what calls what, how often, how fast and with how many errors, and how that
// has changed over many windows.
//
//	Snapshot  -> Topology     services and calls between them, operations and calls between those    graph.go
//	Topology  -> DOT          for Graphviz                                                           dot.go
//	Snapshots -> Evolution    when each part was first and last seen, deployments                    evolution.go, deployment.go
//
// What it makes are types of package wire: a system is drawn to be looked at elsewhere.
package topology
