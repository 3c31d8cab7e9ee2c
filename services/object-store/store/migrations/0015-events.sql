-- What happened to objects and is to be told to others through a queue: written in the transaction that does it, when
-- events are on, and gone once the queue has it.
-- The running release is not disturbed: new tables.
CREATE TABLE object_store.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Whose account it is, and who did it
  account text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  -- account/container/object, or account/container
  path text COLLATE "C" NOT NULL,
  action text NOT NULL CHECK (action IN ('object update', 'object delete', 'object move', 'object purge', 'container purge')),
  -- What became of the object at the path; null when nothing did
  object_action text CHECK (object_action IN ('object update', 'object delete')),
  versions bigint[] NOT NULL DEFAULT '{}',
  -- How much more of the quota the account takes
  bytes bigint NOT NULL DEFAULT 0,
  -- Whom new permissions reach, groups expanded; null when permissions stayed as they were
  members text[]
);

-- One process at a time publishes, so that events go out in their order.
CREATE TABLE object_store.events_publisher (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  holder uuid,
  until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO object_store.events_publisher DEFAULT VALUES;
