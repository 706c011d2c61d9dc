// Package compare says what changed between two windows of traces, how much, how sure that is, and what caused it.
//
//	a, b --> pairs --> tests --> families --> flagged changes --> causes --> Diff
//	                     ^                                                    |
//	                  History, or the stated prior       Series: Tracker follows them from window to window
//
//	Compare     two snapshots to a Diff                                   (compare.go, match.go, absolute.go, impact.go)
//	Diff        all verdicts on two snapshots                             (diff.go, only.go, thresholds.go)
//	tests       latency, waiting, errors, calls, presence                 (tests.go, errors.go, presence.go, ranks.go)
//	            on parts of a window, and against windows before it       (scan.go, deviations.go, stretch.go, earlier.go)
//	            means and counts under them, and distributions            (clusters.go, counts.go, exact.go, student.go)
//	families    hierarchical false discovery rate                         (families.go)
//	History     how much windows differ when nothing changed              (history.go, prior.go)
//	Cause       one thing that happened, and all that follows from it     (cause.go, explain.go, describe.go)
//	            where time was lost and errors begin, and who is at fault (site.go, blame.go, callgraph.go)
//	            what follows from what, and which causes are chosen       (candidate.go, alone.go, follow.go, choose.go)
//	            the first cause's consequences                            (fold.go)
//	            what is no loss: another mix, other names, lost spans     (mix.go, renamed.go, inserted.go, unseen.go)
//	Series      the windows of a query and a baseline, one by one         (series.go, past.go, reading.go)
//	Tracker     what is suspected, certain, lasting, over                 (tracker.go, turn.go, lasting.go)
//	            how sure that is, over several windows                    (evidence.go, bundle.go)
//	SideBySide  two selections of traces, and what tells them apart       (side_by_side.go, apart.go, selections.go)
//	storage     histories and trackers survive a restart                  (encode.go, fingerprint.go)
//
// Its randomness is that of the traffic, not of the spans: spans of a window are not independent, time slices very nearly
// are. And windows differ by more than their slices do: how much more is learned from the past, or else stated (prior.go).
//
// What is not known is NaN.
package compare
