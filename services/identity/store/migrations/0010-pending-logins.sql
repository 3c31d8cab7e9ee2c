-- Sign-ins by other providers that are not finished: identities that no account has yet, and hand-shakes that came back.
-- New tables: a running release sees nothing of them.

-- A provider vouched for an identity that no account has: its owner may make an account of it or give it to the one he has.
CREATE TABLE identity.pending_logins (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  -- What the provider said of the person.
  claims jsonb NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (module, identifier)
);
CREATE INDEX pending_logins_age ON identity.pending_logins (created_at);

-- Every hand-shake with a provider comes back once. What is here came back before.
CREATE TABLE identity.spent_handshakes (
  id_hash bytea PRIMARY KEY,
  -- Who it was, until the browser that began it has fetched that.
  claims jsonb,
  expires_at timestamptz NOT NULL
);
CREATE INDEX spent_handshakes_expiry ON identity.spent_handshakes (expires_at);
