-- Accounts, containers, objects with their versions, and the maps and block references under them.
-- The first migration of this service: no release runs without it.
CREATE SCHEMA object_store;

-- One row: what was fixed when the cloud was first started. Hashes of existing objects depend on it.
CREATE TABLE object_store.configuration (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  block_size_bytes integer NOT NULL CHECK (block_size_bytes > 0)
);

CREATE TABLE object_store.accounts (
  id text COLLATE "C" PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  metadata jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE object_store.containers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account text COLLATE "C" NOT NULL REFERENCES object_store.accounts,
  name text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- 0 is unlimited
  quota_bytes bigint NOT NULL CHECK (quota_bytes >= 0),
  versioning text NOT NULL CHECK (versioning IN ('auto', 'none')),
  project text COLLATE "C" NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  UNIQUE (account, name)
);

-- The content of versions: a list of blocks, or content too small to be worth a file. Stored once and shared by every
-- version with the same content. A size of zero has no map.
CREATE TABLE object_store.maps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root bytea NOT NULL CHECK (length(root) = 32),
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  block_size_bytes integer NOT NULL,
  -- 32 bytes for each started block
  hashes bytea NOT NULL CHECK (length(hashes) = 32 * ((size_bytes + block_size_bytes - 1) / block_size_bytes)),
  -- The only block of a small content, trailing zeros stripped; null when the blocks are in the block engine.
  content bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (root, size_bytes, block_size_bytes)
);
-- Hashes and most contents do not compress.
ALTER TABLE object_store.maps ALTER COLUMN hashes SET STORAGE EXTERNAL, ALTER COLUMN content SET STORAGE EXTERNAL;

-- Which maps need a block of the engine: what proves a block used, and what tells whether somebody possesses it.
CREATE TABLE object_store.map_blocks (
  hash bytea NOT NULL,
  map_id bigint NOT NULL REFERENCES object_store.maps ON DELETE CASCADE,
  PRIMARY KEY (hash, map_id)
);
CREATE INDEX map_blocks_map ON object_store.map_blocks (map_id);

-- Other services keep maps as well: a volume that stands on an image, for as long as the volume lives.
CREATE TABLE object_store.map_holds (
  map_id bigint NOT NULL REFERENCES object_store.maps,
  holder text COLLATE "C" NOT NULL,
  PRIMARY KEY (map_id, holder)
);
CREATE INDEX map_holds_holder ON object_store.map_holds (holder);

-- Blocks promised to an account for an upload under way: it sent them ahead, or was told it need not send them.
CREATE TABLE object_store.pins (
  account text COLLATE "C" NOT NULL,
  hash bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (account, hash)
);
CREATE INDEX pins_hash ON object_store.pins (hash);
CREATE INDEX pins_expires_at ON object_store.pins (expires_at);

-- Version ids are global and grow; clients sort and compare them.
CREATE SEQUENCE object_store.version_ids;

-- Every state an object ever had. `current`: what its name stands for now; `history`: replaced or deleted later;
-- `deleted`: the mark that a name was deleted.
CREATE TABLE object_store.versions (
  id bigint PRIMARY KEY DEFAULT nextval('object_store.version_ids'),
  container_id bigint NOT NULL REFERENCES object_store.containers,
  name text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('current', 'history', 'deleted')),
  uuid uuid NOT NULL,
  map_id bigint REFERENCES object_store.maps,
  -- The root of the content's block hashes; null for marks of deletion.
  hash bytea,
  size_bytes bigint NOT NULL,
  content_type text NOT NULL,
  -- MD5 in hex; empty when nobody asked for it.
  checksum text NOT NULL DEFAULT '',
  modified_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Headers of the HTTP API by name
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Metadata of other services: {domain: {key: value}}
  domains jsonb,
  -- 1 readable, 0 not yet, -1 broken
  available smallint NOT NULL DEFAULT 1,
  is_snapshot boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX versions_current ON object_store.versions (container_id, name) WHERE state = 'current';
CREATE INDEX versions_path ON object_store.versions (container_id, name, id);
CREATE INDEX versions_uuid ON object_store.versions (uuid);
CREATE INDEX versions_map ON object_store.versions (map_id) WHERE map_id IS NOT NULL;
CREATE INDEX versions_domains ON object_store.versions USING gin (domains) WHERE state = 'current' AND domains IS NOT NULL;

-- Who besides the owner may read or write a path. Attached to the path, so that they outlive versions.
CREATE TABLE object_store.permissions (
  container_id bigint NOT NULL REFERENCES object_store.containers ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL,
  -- A user, `account:group`, or * for everybody who has an account
  subject text COLLATE "C" NOT NULL,
  access text NOT NULL CHECK (access IN ('read', 'write')),
  PRIMARY KEY (container_id, name, subject, access)
);
CREATE INDEX permissions_subject ON object_store.permissions (subject, container_id);

-- What containers hold, folded by a task from the changes that writers append: nobody waits for a shared counter.
CREATE TABLE object_store.container_statistics (
  container_id bigint PRIMARY KEY REFERENCES object_store.containers ON DELETE CASCADE,
  objects bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  history_versions bigint NOT NULL DEFAULT 0,
  history_bytes bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL
);
CREATE TABLE object_store.container_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  container_id bigint NOT NULL REFERENCES object_store.containers ON DELETE CASCADE,
  objects bigint NOT NULL,
  bytes bigint NOT NULL,
  history_versions bigint NOT NULL,
  history_bytes bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Metadata keys that came (+1) and went (-1) with the objects
  keys jsonb
);
CREATE INDEX container_changes_container ON object_store.container_changes (container_id);
-- How many current objects carry a metadata key.
CREATE TABLE object_store.container_keys (
  container_id bigint NOT NULL REFERENCES object_store.containers ON DELETE CASCADE,
  key text COLLATE "C" NOT NULL,
  objects bigint NOT NULL,
  PRIMARY KEY (container_id, key)
);

-- The digests of a list of hashes, in order.
CREATE FUNCTION object_store.digests(hashes bytea) RETURNS SETOF bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN substring(hashes FROM 32 * generate_series(0, length(hashes) / 32 - 1) + 1 FOR 32);
