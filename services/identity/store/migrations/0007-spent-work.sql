-- Proofs of work that were shown, each good once, until they would have ended anyway. The running release asks for none
-- and sees nothing of the table; losing it in a crash lets proofs of some minutes count once more.
CREATE UNLOGGED TABLE identity.spent_work (
  work_hash bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX spent_work_expiry ON identity.spent_work (expires_at);
