// Package alertcycle follows one alert through a burst of errors: it must fire, be told, and clear, each in time. Where it does
// not, it names the link of the chain that broke.
//
//	rule ──▶ delivery ──▶ inhibition, silence ──▶ route ──▶ webhook
//	Prometheus     to Alertmanager                          to the one who must hear it
//
//	Intervals   what the monitoring system declares, and how soon it can be          (intervals.go)
//	Cycle       what was seen of one burst                                           (cycle.go)
//	Result      what that means                                                      (result.go)
//	Watch       from burst to burst, and notifications without one                   (watch.go, stray.go)
//
// It makes no request and knows no clock: whoever polls tells it what was seen and when.
package alertcycle
