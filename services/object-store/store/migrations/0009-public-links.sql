-- Addresses under which anybody reads an object, without an account: at most one for each path. They may end, ask for a
-- password or be good for some downloads only.
-- The running release is not disturbed: a new table.
CREATE TABLE object_store.public_links (
  id text COLLATE "C" PRIMARY KEY,
  container_id bigint NOT NULL REFERENCES object_store.containers ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz,
  password_hash text,
  downloads_left bigint CHECK (downloads_left >= 0),
  -- When a download that counts last began: what else is asked for soon after belongs to it.
  counted_at timestamptz,
  UNIQUE (container_id, name)
);
-- What a task looks for to remove.
CREATE INDEX public_links_limited ON object_store.public_links (expires_at, downloads_left)
  WHERE expires_at IS NOT NULL OR downloads_left IS NOT NULL;
