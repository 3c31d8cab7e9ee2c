-- Let command lines sign in without a browser of their own (RFC 8628): they show a code, the person enters it where he
-- is signed in, and they fetch a token of their own. The running release is not disturbed: a new table.
CREATE TABLE identity.device_logins (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_code_hash bytea NOT NULL UNIQUE,
  -- keyed, because the code that people type is short
  user_code_mac bytea NOT NULL UNIQUE,
  client text COLLATE "C" NOT NULL,
  device_name text NOT NULL,
  scopes text[] NOT NULL,
  address text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'refused')),
  user_id bigint REFERENCES identity.users ON DELETE CASCADE CHECK ((user_id IS NULL) = (state = 'pending')),
  interval_seconds integer NOT NULL,
  asked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX device_logins_of_user ON identity.device_logins (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX device_logins_expiry ON identity.device_logins (expires_at);
