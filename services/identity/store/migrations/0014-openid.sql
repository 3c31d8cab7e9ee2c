-- OpenID Connect on top of OAuth 2.0: what the provider keeps between requests, and the keys with which it signs.
-- The running release is not disturbed: new tables.
CREATE TABLE identity.openid_records (
  model text COLLATE "C" NOT NULL,
  -- ids are what browsers and clients show, so they are stored hashed and the rest sealed
  id_hash bytea NOT NULL,
  uid_hash bytea,
  grant_hash bytea,
  -- uuid of the person that the record lets somebody in as: it ends with his session
  account text COLLATE "C",
  payload bytea NOT NULL,
  consumed_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (model, id_hash)
);
CREATE INDEX openid_records_uid ON identity.openid_records (uid_hash) WHERE uid_hash IS NOT NULL;
CREATE INDEX openid_records_grant ON identity.openid_records (grant_hash) WHERE grant_hash IS NOT NULL;
CREATE INDEX openid_records_of_account ON identity.openid_records (account) WHERE account IS NOT NULL;
CREATE INDEX openid_records_expiry ON identity.openid_records (expires_at);

CREATE TABLE identity.openid_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kid text COLLATE "C" NOT NULL UNIQUE,
  private_key_sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
