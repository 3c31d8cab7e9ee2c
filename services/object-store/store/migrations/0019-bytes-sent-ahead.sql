-- How much people sent ahead of objects that may never come, so that it can be bounded.
-- The running release is not disturbed: what it pins counts as nothing, and goes within a day.
ALTER TABLE object_store.pins ADD COLUMN bytes integer NOT NULL DEFAULT 0;
