-- Projects share out limits; the ledger holds what is used of them. The first release: nothing is running yet.

CREATE TABLE identity.projects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid text COLLATE "C" NOT NULL UNIQUE,
  -- Unique among alive projects: null before approval and after termination; `realname` is always kept.
  name text COLLATE "C" UNIQUE,
  realname text COLLATE "C" NOT NULL,
  owner_id bigint REFERENCES identity.users,
  homepage text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  end_date timestamptz NOT NULL,
  join_policy text NOT NULL CHECK (join_policy IN ('auto', 'moderated', 'closed')),
  leave_policy text NOT NULL CHECK (leave_policy IN ('auto', 'moderated', 'closed')),
  max_members bigint NOT NULL CHECK (max_members >= 0),
  private boolean NOT NULL DEFAULT false,
  -- The system project of one person, with that person's uuid.
  is_base boolean NOT NULL DEFAULT false,
  state text NOT NULL CHECK (state IN ('uninitialized', 'active', 'suspended', 'terminated', 'deleted')),
  CHECK (NOT is_base OR owner_id IS NULL)
);
CREATE INDEX projects_of_owner ON identity.projects (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX projects_public ON identity.projects (id) WHERE state = 'active' AND NOT private;

CREATE TABLE identity.project_limits (
  project_id bigint NOT NULL REFERENCES identity.projects ON DELETE CASCADE,
  resource text COLLATE "C" NOT NULL REFERENCES identity.resources (name),
  project_capacity bigint NOT NULL CHECK (project_capacity >= 0),
  member_capacity bigint NOT NULL CHECK (member_capacity >= 0),
  PRIMARY KEY (project_id, resource)
);

CREATE TABLE identity.project_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES identity.projects ON DELETE CASCADE,
  from_state text,
  to_state text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  -- uuid of the person; null for the service itself.
  actor text COLLATE "C",
  reason text NOT NULL DEFAULT '',
  comments text NOT NULL DEFAULT ''
);
CREATE INDEX project_log_of_project ON identity.project_log (project_id, id);

CREATE TABLE identity.memberships (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  project_id bigint NOT NULL REFERENCES identity.projects ON DELETE CASCADE,
  state text NOT NULL CHECK (state IN ('requested', 'accepted', 'leave_requested', 'suspended', 'rejected', 'cancelled', 'removed')),
  -- Set at the first acceptance, never taken back: only then are there holdings.
  initialized boolean NOT NULL DEFAULT false,
  UNIQUE (user_id, project_id)
);
CREATE INDEX memberships_of_project ON identity.memberships (project_id, id);

CREATE TABLE identity.membership_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  membership_id bigint NOT NULL REFERENCES identity.memberships ON DELETE CASCADE,
  from_state text,
  to_state text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  actor text COLLATE "C",
  reason text NOT NULL DEFAULT ''
);
CREATE INDEX membership_log_of_membership ON identity.membership_log (membership_id, id);

-- The ledger. A member's record has holder `user:<uuid>` and source `project:<uuid>`; a project's own
-- record has holder `project:<uuid>` and an empty source. What is used lies between usage_min and usage_max:
-- they differ by what pending commissions may still add or take away.
-- Updated in place very often: no index on the changing columns, and room in each page for new versions.
CREATE TABLE identity.holdings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  holder text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  "limit" bigint NOT NULL CHECK ("limit" >= 0),
  usage_min bigint NOT NULL DEFAULT 0 CHECK (usage_min >= 0),
  usage_max bigint NOT NULL DEFAULT 0,
  UNIQUE (holder, source, resource),
  CHECK (usage_min <= usage_max)
) WITH (fillfactor = 60);
CREATE INDEX holdings_of_source ON identity.holdings (source, resource) WHERE source <> '';

-- Commissions that wait to be accepted or rejected; a resolved one is gone and lives on in the log.
CREATE TABLE identity.commissions (
  serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  component text COLLATE "C" NOT NULL,
  name text NOT NULL DEFAULT '',
  issued_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX commissions_of_component ON identity.commissions (component, serial);

CREATE TABLE identity.provisions (
  serial bigint NOT NULL REFERENCES identity.commissions ON DELETE CASCADE,
  holding_id bigint NOT NULL REFERENCES identity.holdings,
  quantity bigint NOT NULL,
  PRIMARY KEY (serial, holding_id)
);

-- What became of every provision, with the holding as it was afterwards.
CREATE TABLE identity.provision_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  serial bigint NOT NULL,
  name text NOT NULL,
  issued_at timestamptz NOT NULL,
  logged_at timestamptz NOT NULL DEFAULT now(),
  holder text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  "limit" bigint NOT NULL,
  usage_min bigint NOT NULL,
  usage_max bigint NOT NULL,
  delta bigint NOT NULL,
  reason text NOT NULL
);
CREATE INDEX provision_log_of_serial ON identity.provision_log (serial);
