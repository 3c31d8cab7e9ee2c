-- Show people when each of their tokens was last used, so that they find those that nobody needs any more.
-- The running release is not disturbed: a nullable column.
ALTER TABLE identity.tokens ADD COLUMN last_used_at timestamptz;
