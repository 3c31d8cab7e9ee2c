-- Who was brought from an installation of the original, so that bringing people again changes nothing, brings what changed
-- there since, and overwrites nothing that changed here. The running release is not disturbed: a new table.
CREATE TABLE identity.imports (
  uuid text COLLATE "C" PRIMARY KEY,
  -- Of everything that the original had on record of the person.
  digest bytea NOT NULL,
  -- Of the account as it was left here.
  as_brought bytea NOT NULL,
  -- What could not be brought of it.
  problem text,
  imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
