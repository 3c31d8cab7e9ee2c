-- Blocks that were found damaged or missing where something needs them, until they are whole again.
-- The running release is not disturbed: a new table.
CREATE TABLE object_store.damaged_blocks (
  hash bytea PRIMARY KEY,
  problem text NOT NULL CHECK (problem IN ('damaged', 'missing')),
  found_at timestamptz NOT NULL DEFAULT now(),
  -- Content that lay in the row of a map and does not match its name any more
  content bytea
);
