// Package compare says what changed between two snapshots, how much, and how sure that is.
//
//	a, b --> pairs --> measure --> tests --> families --> Diff --> Tracker
//	        (match)   (clusters,  (p of     (q over all  (sorted  (persistence,
//	                   counts)     each)     of them)     by       online rate of
//	                     ^                                impact)  false discoveries)
//	                  History, or the stated prior
//
//	Compare     two snapshots to a Diff                          (compare.go, match.go, absolute.go, impact.go, toward.go)
//	Diff        all verdicts on two snapshots                    (diff.go)
//	Thresholds  what a user calls a change                       (thresholds.go)
//	clusters    means of a window and their variance             (clusters.go)
//	counts      effective counts, exposure, overdispersion       (counts.go, exact.go)
//	tests       latency, errors, calls, presence                 (tests.go, errors.go, presence.go, student.go)
//	families    hierarchical false discovery rate                (families.go)
//	History     how much windows differ when nothing changed     (history.go, prior.go)
//	Tracker     which changes last, and what to compare with     (tracker.go, online.go)
//	SideBySide  two selections of traces, and what tells them apart (side_by_side.go, apart.go, selections.go)
//	storage     histories and trackers survive a restart         (encode.go, fingerprint.go)
//
// Its randomness is that of the traffic, not of the spans: spans of a window are not independent, time slices very nearly
// are. And windows differ by more than their slices do: how much more is learned from the past, or else stated (prior.go).
package compare
