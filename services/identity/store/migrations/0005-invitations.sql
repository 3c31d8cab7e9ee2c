-- Who invited whom. The running release invites nobody and sees nothing of the table.
CREATE TABLE identity.invitations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inviter_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  realname text NOT NULL,
  email text COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email)),
  -- SHA-256 of the code in the link.
  code_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Set when the invited person has verified the address.
  consumed_at timestamptz
);
CREATE INDEX invitations_of_inviter ON identity.invitations (inviter_id, id);
