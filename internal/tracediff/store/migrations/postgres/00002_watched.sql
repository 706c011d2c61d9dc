-- +goose Up
-- The time in which the collector took spans of the window and lost none: of a part that is final. Both are 0 where that is not
-- known.
ALTER TABLE trace_diff_parts ADD COLUMN watched_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE trace_diff_parts ADD COLUMN watched_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE trace_diff_parts DROP COLUMN watched_until;
ALTER TABLE trace_diff_parts DROP COLUMN watched_from;
