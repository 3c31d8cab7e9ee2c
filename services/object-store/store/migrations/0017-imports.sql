-- What was brought from the database of the original: so that the importer goes on where it ended, brings what changed
-- there since, and touches nothing twice. Names of maps stay known, because volumes and deployments refer to contents by
-- them. The running release is not disturbed: new tables that only the importer fills.
CREATE TABLE object_store.imports (
  -- In the words of the original: account, account/container or account/container/object.
  path text COLLATE "C" PRIMARY KEY,
  -- Of everything that the original had on record of it.
  digest bytea NOT NULL,
  -- The versions that were brought.
  serials bigint[] NOT NULL DEFAULT '{}',
  -- What could not be brought of it; it is tried again.
  problem text,
  imported_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE object_store.map_names (
  version_id bigint PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  -- None when the content could not be brought.
  map_id bigint REFERENCES object_store.maps ON DELETE CASCADE
);
CREATE INDEX map_names_name ON object_store.map_names (name);
CREATE INDEX map_names_map ON object_store.map_names (map_id);
