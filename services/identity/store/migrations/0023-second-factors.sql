-- What a person shows besides a password, or instead of one: codes of an authenticator app, recovery codes, passkeys;
-- and, for minutes, what was asked of whom. New tables only: the running release sees nothing of them.

CREATE TABLE identity.totp (
  user_id bigint PRIMARY KEY REFERENCES identity.users ON DELETE CASCADE,
  -- Under the key of the cloud: codes are computed from it.
  secret_sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Null until a first code was shown; until then no code is asked for.
  confirmed_at timestamptz,
  -- The newest time step whose code was taken: it and older ones are not taken again.
  last_step bigint NOT NULL DEFAULT 0
);

-- One row per code that still works.
CREATE TABLE identity.recovery_codes (
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  -- Keyed with the key of the cloud: whoever has this table alone cannot try codes.
  code_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE identity.passkeys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  credential_id bytea NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  -- Grows with each use where the authenticator counts; a copy gives itself away by a smaller one.
  counter bigint NOT NULL,
  transports text[] NOT NULL DEFAULT '{}',
  -- Kept by a service that has it on several devices.
  is_synced boolean NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz
);
CREATE INDEX passkeys_of_user ON identity.passkeys (user_id, id);

-- Sign-ins that wait for their second step. Losing them in a crash costs a password typed again.
CREATE UNLOGGED TABLE identity.sign_in_challenges (
  secret_hash bytea PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  -- The first step: which way to sign in, and as whom there.
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  address text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_challenges_of_user ON identity.sign_in_challenges (user_id);
CREATE INDEX sign_in_challenges_expiry ON identity.sign_in_challenges (expires_at);

-- What passkeys were asked to sign, each good for one answer.
CREATE UNLOGGED TABLE identity.passkey_challenges (
  challenge_hash bytea PRIMARY KEY,
  -- What the answer is good for: register, sign-in, second-step or confirm.
  purpose text COLLATE "C" NOT NULL,
  -- Null when nobody is known yet: the passkey will say who it is.
  user_id bigint REFERENCES identity.users ON DELETE CASCADE,
  address text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_of_user ON identity.passkey_challenges (user_id);
CREATE INDEX passkey_challenges_expiry ON identity.passkey_challenges (expires_at);
