-- Profiles of what people and groups may do with ways to sign in, over what the settings say.
-- New tables: a running release sees nothing of them.

CREATE TABLE identity.auth_policies (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  -- The module that it is about; an exclusive one is about all the others.
  provider text COLLATE "C" NOT NULL,
  is_exclusive boolean NOT NULL DEFAULT false,
  is_active boolean NOT NULL DEFAULT true,
  -- The higher one wins.
  priority integer NOT NULL DEFAULT 1,
  -- Null: says nothing about it.
  policy_add boolean,
  policy_remove boolean,
  policy_create boolean,
  policy_login boolean,
  policy_limit integer CHECK (policy_limit >= 0),
  policy_required boolean,
  policy_automoderate boolean,
  policy_switch boolean
);

CREATE TABLE identity.auth_policy_users (
  policy_id bigint NOT NULL REFERENCES identity.auth_policies ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES identity.users ON DELETE CASCADE,
  PRIMARY KEY (user_id, policy_id)
);
CREATE INDEX auth_policy_users_of_policy ON identity.auth_policy_users (policy_id);

CREATE TABLE identity.auth_policy_groups (
  policy_id bigint NOT NULL REFERENCES identity.auth_policies ON DELETE CASCADE,
  group_id bigint NOT NULL REFERENCES identity.groups ON DELETE CASCADE,
  PRIMARY KEY (group_id, policy_id)
);
CREATE INDEX auth_policy_groups_of_policy ON identity.auth_policy_groups (policy_id);
