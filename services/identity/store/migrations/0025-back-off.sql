-- Who goes on guessing waits longer each time. The running release counts as before: a column with a default.
ALTER TABLE identity.attempts
  -- How often in a row the limit was exceeded.
  ADD COLUMN blocks integer NOT NULL DEFAULT 0;
