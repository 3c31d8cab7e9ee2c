-- Remember how a session began, when it was last used and when its person last proved to be himself, so that he can
-- see and end it, and changes that hurt can ask for a fresh proof. The running release is not disturbed: columns with
-- defaults, no table rewrite.
ALTER TABLE identity.sessions
  ADD COLUMN method text COLLATE "C" NOT NULL DEFAULT 'local',
  ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
  -- Null: not known, so ask.
  ADD COLUMN proven_at timestamptz;
