-- The metadata that accounts and containers had before, so that they can be looked at as they were at a moment. A row is
-- what was replaced, and when: what was never changed has none.
-- The running release is not disturbed: new tables; what it changes meanwhile leaves no trace, as before.
CREATE TABLE object_store.account_history (
  account text COLLATE "C" NOT NULL REFERENCES object_store.accounts (id),
  id bigint GENERATED ALWAYS AS IDENTITY,
  metadata jsonb NOT NULL,
  replaced_at timestamptz NOT NULL,
  PRIMARY KEY (account, id)
);
CREATE TABLE object_store.container_history (
  container_id bigint NOT NULL REFERENCES object_store.containers (id) ON DELETE CASCADE,
  id bigint GENERATED ALWAYS AS IDENTITY,
  metadata jsonb NOT NULL,
  replaced_at timestamptz NOT NULL,
  PRIMARY KEY (container_id, id)
);
