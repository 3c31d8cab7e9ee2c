-- Projects begin with, and are changed by, applications that somebody decides about. A column that is null asks for no
-- change. Limits stand in a table of their own, so that what is granted can be compared with what was asked for.
-- The running release is not disturbed: new tables only.
CREATE TABLE identity.applications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES identity.projects ON DELETE CASCADE,
  applicant_id bigint NOT NULL REFERENCES identity.users,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'approved', 'replaced', 'denied', 'dismissed', 'cancelled')),
  owner_id bigint REFERENCES identity.users,
  name text COLLATE "C",
  homepage text,
  description text,
  start_date timestamptz,
  end_date timestamptz,
  join_policy text CHECK (join_policy IN ('auto', 'moderated', 'closed')),
  leave_policy text CHECK (leave_policy IN ('auto', 'moderated', 'closed')),
  max_members bigint CHECK (max_members >= 0),
  private boolean,
  -- For those who decide, not for the public.
  comments text NOT NULL DEFAULT '',
  issued_at timestamptz NOT NULL DEFAULT now(),
  -- What was decided: by whom (a uuid, or the name of a command) and why.
  response text NOT NULL DEFAULT '',
  response_at timestamptz,
  response_actor text COLLATE "C",
  -- Taken back by the applicant: cancelled while pending, or dismissed once denied.
  waive_reason text NOT NULL DEFAULT '',
  waived_at timestamptz,
  waive_actor text COLLATE "C"
);
-- One waits at most; the newest one is the one that counts.
CREATE UNIQUE INDEX applications_pending ON identity.applications (project_id) WHERE state = 'pending';
CREATE INDEX applications_of_project ON identity.applications (project_id, id);
CREATE INDEX applications_pending_of_applicant ON identity.applications (applicant_id) WHERE state = 'pending';

CREATE TABLE identity.application_limits (
  application_id bigint NOT NULL REFERENCES identity.applications ON DELETE CASCADE,
  resource text COLLATE "C" NOT NULL REFERENCES identity.resources (name),
  project_capacity bigint NOT NULL CHECK (project_capacity >= 0),
  member_capacity bigint NOT NULL CHECK (member_capacity >= 0),
  PRIMARY KEY (application_id, resource)
);
