-- Let other programs ask people, by OAuth 2.0, to be told who they are: registered clients, where they may send people
-- back to, the codes that they trade in, and the short-lived tokens that they trade them for.
-- The running release is not disturbed: new tables.
CREATE TABLE identity.oauth2_clients (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  identifier text COLLATE "C" NOT NULL UNIQUE CHECK (length(identifier) BETWEEN 1 AND 255),
  type text NOT NULL CHECK (type IN ('confidential', 'public')),
  -- argon2id: secrets may be chosen by people
  secret_hash text CHECK ((secret_hash IS NOT NULL) = (type = 'confidential')),
  is_trusted boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity.oauth2_redirect_urls (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES identity.oauth2_clients ON DELETE CASCADE,
  url text COLLATE "C" NOT NULL,
  UNIQUE (client_id, url)
);

CREATE TABLE identity.oauth2_codes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code_hash bytea NOT NULL UNIQUE,
  client_id bigint NOT NULL REFERENCES identity.oauth2_clients ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  -- of PKCE, S256
  challenge text,
  expires_at timestamptz NOT NULL
);
CREATE INDEX oauth2_codes_of_client ON identity.oauth2_codes (client_id);
CREATE INDEX oauth2_codes_of_user ON identity.oauth2_codes (user_id);
CREATE INDEX oauth2_codes_expiry ON identity.oauth2_codes (expires_at);

CREATE TABLE identity.oauth2_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  -- a code that is shown twice was stolen: what it was traded for ends
  code_hash bytea NOT NULL,
  client_id bigint NOT NULL REFERENCES identity.oauth2_clients ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  -- online: ends with the person's session and with the classic API token
  access_type text NOT NULL DEFAULT 'online' CHECK (access_type IN ('online', 'offline')),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX oauth2_tokens_of_code ON identity.oauth2_tokens (code_hash);
CREATE INDEX oauth2_tokens_of_client ON identity.oauth2_tokens (client_id);
CREATE INDEX oauth2_tokens_of_user ON identity.oauth2_tokens (user_id);
CREATE INDEX oauth2_tokens_expiry ON identity.oauth2_tokens (expires_at);
