-- The map of an object may be filled in by another component. Remember when it was last looked for, so that readers who
-- come often do not look each time. The running release is not disturbed: a nullable column without a rewrite.
ALTER TABLE object_store.versions ADD COLUMN map_checked_at timestamptz;
