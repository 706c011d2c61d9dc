// Package simulation makes traffic of a system that never was, window by window, with changes whose place is known: what
// compare has to be right about.
//
//	System   what package microservices draws, and its client spans    (system.go)
//	Weather  how far healthy windows are from equal                    (weather.go)
//	Season   the rhythm of days and weeks                              (season.go)
//	Window   the requests of one window as traces                      (window.go, call.go, trace.go)
//	Change   what is done to a window, or to a part of it              (change.go, regime.go)
//	Traffic  windows that follow each other, and what is deployed      (traffic.go)
//	Snapshot what a collector makes of them, sampled or not            (aggregate.go, versions.go)
//
// Spans of a window are not independent in it, as they are not in life: calls of one trace share its speed, services have
// good and bad half minutes, errors come in bursts, rare requests come in sessions, and no two windows are alike.
package simulation
