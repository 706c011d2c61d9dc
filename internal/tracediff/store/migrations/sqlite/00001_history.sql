-- +goose Up
-- Times are nanoseconds since 1970. Columns named data hold compressed values with a checksum.
CREATE TABLE trace_diff_queries (
  id         TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL,
  definition TEXT NOT NULL
);

-- One row for each window of a query and each snapshot on demand. data is null until the snapshot is finished; taken then
-- names the collectors whose parts are in it.
CREATE TABLE trace_diff_snapshots (
  id         TEXT PRIMARY KEY,
  query_id   TEXT NOT NULL,
  start_at   INTEGER NOT NULL,
  end_at     INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  on_demand  INTEGER NOT NULL,
  finished   INTEGER NOT NULL,
  state      TEXT NOT NULL,
  head       TEXT NOT NULL,
  taken      TEXT NOT NULL DEFAULT '[]',
  data       BLOB
);
CREATE INDEX trace_diff_snapshots_by_window ON trace_diff_snapshots (query_id, start_at);
CREATE INDEX trace_diff_snapshots_by_creation ON trace_diff_snapshots (created_at, id);
CREATE INDEX trace_diff_snapshots_pending ON trace_diff_snapshots (due_at) WHERE finished = 0;

-- What each collector has seen of a window. A part that is not final is a checkpoint, and stands in for the part that a
-- crashed collector will never send.
CREATE TABLE trace_diff_parts (
  snapshot_id TEXT NOT NULL,
  collector   TEXT NOT NULL,
  final       INTEGER NOT NULL,
  saved_at    INTEGER NOT NULL,
  data        BLOB NOT NULL,
  PRIMARY KEY (snapshot_id, collector)
);

CREATE TABLE trace_diff_diffs (
  id            TEXT PRIMARY KEY,
  query_id      TEXT NOT NULL,
  baseline      TEXT NOT NULL,
  a_id          TEXT NOT NULL,
  b_id          TEXT NOT NULL,
  calculated_at INTEGER NOT NULL,
  flagged       INTEGER NOT NULL,
  data          BLOB NOT NULL
);
CREATE INDEX trace_diff_diffs_by_time ON trace_diff_diffs (calculated_at, id);
CREATE INDEX trace_diff_diffs_by_query ON trace_diff_diffs (query_id, calculated_at);

-- What was learned: history and open changes of each query and baseline.
CREATE TABLE trace_diff_states (
  query_id TEXT NOT NULL,
  name     TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  data     BLOB NOT NULL,
  PRIMARY KEY (query_id, name)
);

-- The outbox: the last thing to say about each alert, and whether it has been said.
CREATE TABLE trace_diff_alerts (
  target       TEXT NOT NULL,
  identity     TEXT NOT NULL,
  query_id     TEXT NOT NULL,
  baseline     TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  status       TEXT NOT NULL,
  delivered    TEXT NOT NULL,
  starts_at    INTEGER NOT NULL,
  ends_at      INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  content      TEXT NOT NULL,
  PRIMARY KEY (target, identity)
);
CREATE INDEX trace_diff_alerts_due ON trace_diff_alerts (next_attempt);
CREATE INDEX trace_diff_alerts_by_query ON trace_diff_alerts (query_id, baseline);

CREATE TABLE trace_diff_collectors (
  id   TEXT PRIMARY KEY,
  seen INTEGER NOT NULL
);

-- Who does what only one collector should do at a time.
CREATE TABLE trace_diff_leases (
  name   TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until  INTEGER NOT NULL
);

-- +goose Down
DROP TABLE trace_diff_leases;
DROP TABLE trace_diff_collectors;
DROP TABLE trace_diff_alerts;
DROP TABLE trace_diff_states;
DROP TABLE trace_diff_diffs;
DROP TABLE trace_diff_parts;
DROP TABLE trace_diff_snapshots;
DROP TABLE trace_diff_queries;
