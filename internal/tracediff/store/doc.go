// Package store keeps the queries, snapshots, diffs, learned state and alerts of trace diff in a database, and recovers
// from what databases do.
//
//	Store      the interfaces, by who needs them                           (store.go)
//	records    what is stored                                              (records.go)
//	database   its implementation over database/sql                        (database.go, queries.go, snapshots.go, parts.go,
//	                                                                        watched.go, states.go, diffs.go, alerts.go, leases.go, retention.go)
//	dialect    where SQLite and PostgreSQL differ                          (dialect.go, sqlite.go, postgres.go)
//	values     compressed and checksummed columns                          (values.go)
//
// Several collectors may share one database. Each writes its own part of a window; whoever holds the lease of the query
// merges the parts and compares, in one transaction that is void if the lease was lost. A part that was saved while its
// window was open stands in for its collector if that is gone when the window ends: so nothing but the time since the
// last checkpoint is lost in a crash.
//
// Opening needs no database: every call connects and migrates if that has not happened yet, and fails with
// ErrUnavailable until it can. Nothing is kept in memory on behalf of callers.
package store
