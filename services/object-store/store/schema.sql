CREATE TABLE object_store.account_history (
  account text COLLATE "C" NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  metadata jsonb NOT NULL,
  replaced_at timestamp with time zone NOT NULL,
  CONSTRAINT account_history_account_fkey FOREIGN KEY (account) REFERENCES object_store.accounts(id),
  CONSTRAINT account_history_pkey PRIMARY KEY (account, id)
);

CREATE TABLE object_store.accounts (
  id text COLLATE "C" NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  modified_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  quota_bytes bigint,
  CONSTRAINT accounts_pkey PRIMARY KEY (id),
  CONSTRAINT accounts_quota_bytes_check CHECK ((quota_bytes >= 0))
);

CREATE TABLE object_store.commission_serials (
  serial bigint NOT NULL,
  CONSTRAINT commission_serials_pkey PRIMARY KEY (serial)
);

CREATE TABLE object_store.configuration (
  only_row boolean DEFAULT true NOT NULL,
  block_size_bytes integer NOT NULL,
  key_check text,
  CONSTRAINT configuration_block_size_bytes_check CHECK ((block_size_bytes > 0)),
  CONSTRAINT configuration_only_row_check CHECK (only_row),
  CONSTRAINT configuration_pkey PRIMARY KEY (only_row)
);

CREATE TABLE object_store.container_changes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  container_id bigint NOT NULL,
  objects bigint NOT NULL,
  bytes bigint NOT NULL,
  history_versions bigint NOT NULL,
  history_bytes bigint NOT NULL,
  changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  keys jsonb,
  CONSTRAINT container_changes_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT container_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX container_changes_container ON object_store.container_changes USING btree (container_id);

CREATE TABLE object_store.container_history (
  container_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  metadata jsonb NOT NULL,
  replaced_at timestamp with time zone NOT NULL,
  CONSTRAINT container_history_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT container_history_pkey PRIMARY KEY (container_id, id)
);

CREATE TABLE object_store.container_keys (
  container_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  objects bigint NOT NULL,
  CONSTRAINT container_keys_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT container_keys_pkey PRIMARY KEY (container_id, key)
);

CREATE TABLE object_store.container_statistics (
  container_id bigint NOT NULL,
  objects bigint DEFAULT 0 NOT NULL,
  bytes bigint DEFAULT 0 NOT NULL,
  history_versions bigint DEFAULT 0 NOT NULL,
  history_bytes bigint DEFAULT 0 NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  changes bigint DEFAULT 0 NOT NULL,
  CONSTRAINT container_statistics_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT container_statistics_pkey PRIMARY KEY (container_id)
);

CREATE TABLE object_store.containers (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  account text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  modified_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  quota_bytes bigint NOT NULL,
  versioning text NOT NULL,
  project text COLLATE "C" NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  history_from timestamp with time zone,
  CONSTRAINT containers_account_fkey FOREIGN KEY (account) REFERENCES object_store.accounts(id),
  CONSTRAINT containers_account_name_key UNIQUE (account, name),
  CONSTRAINT containers_pkey PRIMARY KEY (id),
  CONSTRAINT containers_quota_bytes_check CHECK ((quota_bytes >= 0)),
  CONSTRAINT containers_versioning_check CHECK ((versioning = ANY (ARRAY['auto'::text, 'none'::text])))
);

CREATE TABLE object_store.damaged_blocks (
  hash bytea NOT NULL,
  problem text NOT NULL,
  found_at timestamp with time zone DEFAULT now() NOT NULL,
  content bytea,
  CONSTRAINT damaged_blocks_pkey PRIMARY KEY (hash),
  CONSTRAINT damaged_blocks_problem_check CHECK ((problem = ANY (ARRAY['damaged'::text, 'missing'::text])))
);

CREATE TABLE object_store.events (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  account text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  action text NOT NULL,
  object_action text,
  versions bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  bytes bigint DEFAULT 0 NOT NULL,
  members text[],
  CONSTRAINT events_action_check CHECK ((action = ANY (ARRAY['object update'::text, 'object delete'::text, 'object move'::text, 'object purge'::text, 'container purge'::text]))),
  CONSTRAINT events_object_action_check CHECK ((object_action = ANY (ARRAY['object update'::text, 'object delete'::text]))),
  CONSTRAINT events_pkey PRIMARY KEY (id)
);

CREATE TABLE object_store.events_publisher (
  only_row boolean DEFAULT true NOT NULL,
  holder uuid,
  until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
  CONSTRAINT events_publisher_only_row_check CHECK (only_row),
  CONSTRAINT events_publisher_pkey PRIMARY KEY (only_row)
);

CREATE TABLE object_store.groups (
  account text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  member text COLLATE "C" NOT NULL,
  CONSTRAINT groups_pkey PRIMARY KEY (account, name, member)
);
CREATE INDEX groups_member ON object_store.groups USING btree (member);

CREATE TABLE object_store.imports (
  path text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  serials bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  problem text,
  imported_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  as_brought bytea,
  CONSTRAINT imports_pkey PRIMARY KEY (path)
);

CREATE TABLE object_store.map_blocks (
  hash bytea NOT NULL,
  map_id bigint NOT NULL,
  CONSTRAINT map_blocks_pkey PRIMARY KEY (hash, map_id)
);

CREATE TABLE object_store.map_holds (
  map_id bigint NOT NULL,
  holder text COLLATE "C" NOT NULL,
  CONSTRAINT map_holds_map_id_fkey FOREIGN KEY (map_id) REFERENCES object_store.maps(id),
  CONSTRAINT map_holds_pkey PRIMARY KEY (map_id, holder)
);
CREATE INDEX map_holds_holder ON object_store.map_holds USING btree (holder);

CREATE TABLE object_store.map_names (
  version_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  map_id bigint,
  CONSTRAINT map_names_map_id_fkey FOREIGN KEY (map_id) REFERENCES object_store.maps(id) ON DELETE CASCADE,
  CONSTRAINT map_names_pkey PRIMARY KEY (version_id)
);
CREATE INDEX map_names_map ON object_store.map_names USING btree (map_id);
CREATE INDEX map_names_name ON object_store.map_names USING btree (name);

CREATE TABLE object_store.maps (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  root bytea NOT NULL,
  size_bytes bigint NOT NULL,
  block_size_bytes integer NOT NULL,
  hashes bytea NOT NULL,
  content bytea,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT maps_check CHECK ((length(hashes) = (32 * (((size_bytes + block_size_bytes) - 1) / block_size_bytes)))),
  CONSTRAINT maps_pkey PRIMARY KEY (id),
  CONSTRAINT maps_root_check CHECK ((length(root) = 32)),
  CONSTRAINT maps_root_size_bytes_block_size_bytes_key UNIQUE (root, size_bytes, block_size_bytes),
  CONSTRAINT maps_size_bytes_check CHECK ((size_bytes > 0))
);

CREATE TABLE object_store.permissions (
  container_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  access text NOT NULL,
  CONSTRAINT permissions_access_check CHECK ((access = ANY (ARRAY['read'::text, 'write'::text]))),
  CONSTRAINT permissions_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT permissions_pkey PRIMARY KEY (container_id, name, subject, access)
);
CREATE INDEX permissions_subject ON object_store.permissions USING btree (subject, container_id);

CREATE TABLE object_store.pins (
  account text COLLATE "C" NOT NULL,
  hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  bytes integer DEFAULT 0 NOT NULL,
  CONSTRAINT pins_pkey PRIMARY KEY (account, hash)
);
CREATE INDEX pins_expires_at ON object_store.pins USING btree (expires_at);
CREATE INDEX pins_hash ON object_store.pins USING btree (hash);

CREATE TABLE object_store.public_links (
  id text COLLATE "C" NOT NULL,
  container_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  expires_at timestamp with time zone,
  password_hash text,
  downloads_left bigint,
  counted_at timestamp with time zone,
  CONSTRAINT public_links_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id) ON DELETE CASCADE,
  CONSTRAINT public_links_container_id_name_key UNIQUE (container_id, name),
  CONSTRAINT public_links_downloads_left_check CHECK ((downloads_left >= 0)),
  CONSTRAINT public_links_pkey PRIMARY KEY (id)
);
CREATE INDEX public_links_limited ON object_store.public_links USING btree (expires_at, downloads_left) WHERE ((expires_at IS NOT NULL) OR (downloads_left IS NOT NULL));

CREATE TABLE object_store.versions (
  id bigint DEFAULT nextval('object_store.version_ids'::regclass) NOT NULL,
  container_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  state text NOT NULL,
  uuid uuid NOT NULL,
  map_id bigint,
  hash bytea,
  size_bytes bigint NOT NULL,
  content_type text NOT NULL,
  checksum text DEFAULT ''::text NOT NULL,
  modified_by text NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  domains jsonb,
  available smallint DEFAULT 1 NOT NULL,
  is_snapshot boolean DEFAULT false NOT NULL,
  map_checked_at timestamp with time zone,
  CONSTRAINT versions_container_id_fkey FOREIGN KEY (container_id) REFERENCES object_store.containers(id),
  CONSTRAINT versions_map_id_fkey FOREIGN KEY (map_id) REFERENCES object_store.maps(id),
  CONSTRAINT versions_pkey PRIMARY KEY (id),
  CONSTRAINT versions_state_check CHECK ((state = ANY (ARRAY['current'::text, 'history'::text, 'deleted'::text])))
);
CREATE UNIQUE INDEX versions_current ON object_store.versions USING btree (container_id, name) WHERE (state = 'current'::text);
CREATE INDEX versions_domains ON object_store.versions USING gin (domains) WHERE ((state = 'current'::text) AND (domains IS NOT NULL));
CREATE INDEX versions_map ON object_store.versions USING btree (map_id) WHERE (map_id IS NOT NULL);
CREATE INDEX versions_metadata ON object_store.versions USING gin (object_store.metadata_terms(container_id, metadata)) WITH (gin_pending_list_limit='256') WHERE ((state = 'current'::text) AND (metadata <> '{}'::jsonb));
CREATE INDEX versions_path ON object_store.versions USING btree (container_id, name, id);
CREATE INDEX versions_uuid ON object_store.versions USING btree (uuid);

CREATE TABLE object_store.walks (
  name text NOT NULL,
  "position" text DEFAULT ''::text NOT NULL,
  began_at timestamp with time zone DEFAULT now() NOT NULL,
  ended_at timestamp with time zone,
  lease uuid NOT NULL,
  leased_until timestamp with time zone NOT NULL,
  CONSTRAINT walks_pkey PRIMARY KEY (name)
);

CREATE OR REPLACE FUNCTION object_store.digests(hashes bytea)
 RETURNS SETOF bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN SUBSTRING(hashes FROM ((32 * generate_series(0, ((length(hashes) / 32) - 1))) + 1) FOR 32);

CREATE OR REPLACE FUNCTION object_store.is_folder(content_type text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (btrim(split_part(content_type, ';'::text, 1)) = ANY (ARRAY['application/directory'::text, 'application/folder'::text]));

CREATE OR REPLACE FUNCTION object_store.metadata_terms(container_id bigint, metadata jsonb)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT hashtextextended(terms.term, metadata_terms.container_id) AS hashtextextended FROM (jsonb_each_text(metadata_terms.metadata) item(key, value) CROSS JOIN LATERAL (VALUES ((item.key COLLATE "C")), ((((item.key || '='::text) || item.value) COLLATE "C"))) terms(term)));

CREATE OR REPLACE FUNCTION object_store.paths_above(name text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT (above.path || spelled.slash) FROM ((((SELECT string_to_array(paths_above.name, '/'::text) AS parts) split CROSS JOIN LATERAL generate_series(1, (cardinality(split.parts) - 1)) depth(depth)) CROSS JOIN LATERAL (SELECT array_to_string(split.parts[1:depth.depth], '/'::text) AS path) above) CROSS JOIN (VALUES (''::text), ('/'::text)) spelled(slash)) WHERE ((depth.depth > 1) OR (above.path <> ''::text)));

CREATE SEQUENCE object_store.version_ids;
