-- How far the collector and the scrub have come on their walks through all blocks, so that a restart goes on there and
-- of several processes one walks at a time.
-- The running release is not disturbed: a new table.
CREATE TABLE object_store.walks (
  name text PRIMARY KEY,
  -- The block after which the walk goes on
  position text NOT NULL DEFAULT '',
  began_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  -- Who walks, and until when others wait for word of him
  lease uuid NOT NULL,
  leased_until timestamptz NOT NULL
);
