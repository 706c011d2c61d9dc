// Package watch makes one verdict out of all that is known of a sentinel's traces, alerts and numbers, and tells it.
//
//	receivers ── Announce, Told ──▶ ledger of each ┐
//	exporters ── Attach, Observe ──▶ place ────────┤
//	backends  ◀── lookups ──────────▶ place ───────┼──▶ Report: ok, starting, degraded or unknown, and why ──▶ routes, observer,
//	Prometheus, Alertmanager ◀── alerts ───────────┤                                                            heartbeat, history
//	Prometheus ◀── numbers ────────────────────────┘
//
//	Watch    its life, and the beat by which time passes      (watch.go, config.go)
//	Ledger   what receivers tell                              (ledger.go)
//	Place    where traces are judged                          (place.go, look.go, failing.go)
//	Troubles what goes wrong there since when, in words       (trouble.go, words.go)
//	Lookups  stored traces                                    (lookups.go)
//	Alerts   a burst's alert                                  (alerts.go)
//	Numbers  metrics derived from the spans                   (numbers.go)
//	Report   the verdict, in a word and in a sentence         (report.go, summary.go)
//	History  how it was before                                (history.go, memory.go)
//	Routes   /status and the rest                             (routes.go, page.go)
//
// The verdict of a vantage is degraded when it knows of a failure, unknown when it cannot know, starting while nothing can be
// known yet. Degraded anywhere is degraded; else unknown anywhere is unknown; else it is ok once any vantage is ok.
package watch
