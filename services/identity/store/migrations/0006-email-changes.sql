-- Addresses that people want to have and did not confirm yet, one per person. The running release offers no change
-- and sees nothing of the table.
CREATE TABLE identity.email_changes (
  user_id bigint PRIMARY KEY REFERENCES identity.users ON DELETE CASCADE,
  new_email text COLLATE "C" NOT NULL CHECK (new_email = lower(new_email)),
  -- SHA-256 of the key in the link.
  key_hash bytea NOT NULL UNIQUE,
  requested_at timestamptz NOT NULL DEFAULT now()
);
