-- Since when a container's history is complete: versions before that were purged, or never kept. What has no version
-- from before that moment may have existed nevertheless, so restoring must not delete it.
-- The running release is not disturbed: a nullable column, which it does not read. Null: complete from the beginning.
ALTER TABLE object_store.containers ADD COLUMN history_from timestamptz;
