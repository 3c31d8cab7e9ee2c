-- People: who they are, how they sign in, what they may be called upon to do, and what they were mailed.
-- The first migration: nothing is running yet.

CREATE SCHEMA identity;

CREATE TABLE identity.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The public id, permanent. Ids of imported installations need not be UUIDs.
  uuid text COLLATE "C" NOT NULL UNIQUE,
  email text COLLATE "C" NOT NULL CHECK (email = lower(email)),
  first_name text NOT NULL DEFAULT '',
  last_name text NOT NULL DEFAULT '',
  affiliation text NOT NULL DEFAULT '',
  -- A salted slow hash that names its own algorithm; null: no password works.
  password_hash text,
  email_verified boolean NOT NULL DEFAULT false,
  verified_at timestamptz,
  -- SHA-256 of the code in the newest verification mail; null once it was followed.
  verification_hash bytea UNIQUE,
  activation_sent_at timestamptz,
  moderated boolean NOT NULL DEFAULT false,
  moderated_at timestamptz,
  -- What was known of the person when the decision was taken.
  moderated_data jsonb,
  accepted_policy text,
  accepted_email text,
  is_rejected boolean NOT NULL DEFAULT false,
  rejected_reason text NOT NULL DEFAULT '',
  is_active boolean NOT NULL DEFAULT false,
  deactivated_reason text NOT NULL DEFAULT '',
  deactivated_at timestamptz,
  is_superuser boolean NOT NULL DEFAULT false,
  has_signed_terms boolean NOT NULL DEFAULT false,
  signed_terms_at timestamptz,
  has_seen_profile boolean NOT NULL DEFAULT false,
  -- uuid of the project that pays when none is named.
  default_project text COLLATE "C",
  level integer NOT NULL DEFAULT 4,
  invitations integer NOT NULL DEFAULT 0,
  permissions text[] NOT NULL DEFAULT '{}',
  joined_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  CHECK (NOT is_active OR (email_verified AND moderated AND NOT is_rejected))
);
-- An address belongs to one verified person; unverified registrations of it give way.
CREATE UNIQUE INDEX users_verified_email ON identity.users (email) WHERE email_verified;
CREATE INDEX users_email ON identity.users (email);

CREATE TABLE identity.groups (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  permissions text[] NOT NULL DEFAULT '{}'
);
INSERT INTO identity.groups (name)
VALUES ('default'), ('admin'), ('helpdesk'), ('admin-readonly'), ('admin-stats'), ('admin-api');

CREATE TABLE identity.group_members (
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  group_id bigint NOT NULL REFERENCES identity.groups ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_members_of_group ON identity.group_members (group_id);

-- Ways to sign in that are linked to a person. `local` is the password and has an empty identifier.
CREATE TABLE identity.auth_providers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" NOT NULL DEFAULT '',
  is_active boolean NOT NULL DEFAULT true,
  backend text NOT NULL DEFAULT 'astakos',
  affiliation text NOT NULL DEFAULT '',
  info jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  UNIQUE (user_id, module, identifier)
);
CREATE INDEX auth_providers_identifier ON identity.auth_providers (module, identifier) WHERE identifier <> '';

-- API tokens. One of a person's tokens may be the classic one, which its owner can have shown again.
CREATE TABLE identity.tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  name text NOT NULL,
  is_classic boolean NOT NULL DEFAULT false,
  secret_hash bytea NOT NULL UNIQUE,
  -- The secret under the key of the cloud, kept only where it must be shown again.
  secret_sealed bytea,
  -- What the token may be used for; null: everything its owner may.
  scopes text[],
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  CHECK (NOT is_classic OR secret_sealed IS NOT NULL)
);
CREATE UNIQUE INDEX tokens_classic ON identity.tokens (user_id) WHERE is_classic;
CREATE INDEX tokens_of_user ON identity.tokens (user_id, id);

-- Browser sessions. The cookie holds the secret, this table its hash.
CREATE TABLE identity.sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  secret_hash bytea NOT NULL UNIQUE,
  address text NOT NULL DEFAULT '',
  user_agent text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON identity.sessions (user_id, id);
CREATE INDEX sessions_expiry ON identity.sessions (expires_at);

-- Attempts at guessable things, counted per key (a hash of what is guessed and from where).
-- Losing the counts in a crash costs nothing.
CREATE UNLOGGED TABLE identity.attempts (
  key bytea PRIMARY KEY,
  count integer NOT NULL,
  window_ends_at timestamptz NOT NULL
);
CREATE INDEX attempts_expiry ON identity.attempts (window_ends_at);

-- Mails to be sent. A row is written with the change that it tells about and goes when the mail has left.
CREATE TABLE identity.mails (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sender text NOT NULL,
  recipient text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  -- Set when the mail server refused the mail for good; the body is dropped then.
  refused_at timestamptz,
  last_error text
);
CREATE INDEX mails_due ON identity.mails (next_attempt_at) WHERE refused_at IS NULL;

-- Who did what, on what, from where, with what result.
CREATE TABLE identity.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  service text COLLATE "C" NOT NULL,
  -- uuid of the person, or the name of the task or command that acted.
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  address text NOT NULL DEFAULT '',
  result text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_of_target ON identity.audit (target, id);
CREATE INDEX audit_of_actor ON identity.audit (actor, id);
