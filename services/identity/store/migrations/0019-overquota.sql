-- What the operator's quota policy module thinks of a member who uses more than he may. Nothing else reads it.
-- The running release is not disturbed: columns with a constant default.
ALTER TABLE identity.memberships
  ADD COLUMN overquota_state text NOT NULL DEFAULT 'OK',
  ADD COLUMN overquota_state_at timestamptz,
  ADD COLUMN overquota_at timestamptz;
