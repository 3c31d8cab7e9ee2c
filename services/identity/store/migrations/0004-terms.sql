-- The terms of service, in versions: the newest is the one to sign. The running release knows of none and sees nothing
-- of the table.
CREATE TABLE identity.terms (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Path of an HTML file on the host of the cloud.
  location text NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT now()
);
