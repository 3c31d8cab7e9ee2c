CREATE TABLE identity.application_limits (
  application_id bigint NOT NULL,
  resource text COLLATE "C" NOT NULL,
  project_capacity bigint NOT NULL,
  member_capacity bigint NOT NULL,
  CONSTRAINT application_limits_application_id_fkey FOREIGN KEY (application_id) REFERENCES identity.applications(id) ON DELETE CASCADE,
  CONSTRAINT application_limits_member_capacity_check CHECK ((member_capacity >= 0)),
  CONSTRAINT application_limits_pkey PRIMARY KEY (application_id, resource),
  CONSTRAINT application_limits_project_capacity_check CHECK ((project_capacity >= 0)),
  CONSTRAINT application_limits_resource_fkey FOREIGN KEY (resource) REFERENCES identity.resources(name)
);

CREATE TABLE identity.applications (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  project_id bigint NOT NULL,
  applicant_id bigint NOT NULL,
  state text DEFAULT 'pending'::text NOT NULL,
  owner_id bigint,
  name text COLLATE "C",
  homepage text,
  description text,
  start_date timestamp with time zone,
  end_date timestamp with time zone,
  join_policy text,
  leave_policy text,
  max_members bigint,
  private boolean,
  comments text DEFAULT ''::text NOT NULL,
  issued_at timestamp with time zone DEFAULT now() NOT NULL,
  response text DEFAULT ''::text NOT NULL,
  response_at timestamp with time zone,
  response_actor text COLLATE "C",
  waive_reason text DEFAULT ''::text NOT NULL,
  waived_at timestamp with time zone,
  waive_actor text COLLATE "C",
  CONSTRAINT applications_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES identity.users(id),
  CONSTRAINT applications_join_policy_check CHECK ((join_policy = ANY (ARRAY['auto'::text, 'moderated'::text, 'closed'::text]))),
  CONSTRAINT applications_leave_policy_check CHECK ((leave_policy = ANY (ARRAY['auto'::text, 'moderated'::text, 'closed'::text]))),
  CONSTRAINT applications_max_members_check CHECK ((max_members >= 0)),
  CONSTRAINT applications_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES identity.users(id),
  CONSTRAINT applications_pkey PRIMARY KEY (id),
  CONSTRAINT applications_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.projects(id) ON DELETE CASCADE,
  CONSTRAINT applications_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'replaced'::text, 'denied'::text, 'dismissed'::text, 'cancelled'::text])))
);
CREATE INDEX applications_of_project ON identity.applications USING btree (project_id, id);
CREATE UNIQUE INDEX applications_pending ON identity.applications USING btree (project_id) WHERE (state = 'pending'::text);
CREATE INDEX applications_pending_of_applicant ON identity.applications USING btree (applicant_id) WHERE (state = 'pending'::text);

CREATE TABLE identity.attempts (
  key bytea NOT NULL,
  count integer NOT NULL,
  window_ends_at timestamp with time zone NOT NULL,
  blocks integer DEFAULT 0 NOT NULL,
  CONSTRAINT attempts_pkey PRIMARY KEY (key)
);
CREATE INDEX attempts_expiry ON identity.attempts USING btree (window_ends_at);

CREATE TABLE identity.audit (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  service text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  result text NOT NULL,
  details jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_of_actor ON identity.audit USING btree (actor, id);
CREATE INDEX audit_of_target ON identity.audit USING btree (target, id);

CREATE TABLE identity.auth_policies (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  is_exclusive boolean DEFAULT false NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  priority integer DEFAULT 1 NOT NULL,
  policy_add boolean,
  policy_remove boolean,
  policy_create boolean,
  policy_login boolean,
  policy_limit integer,
  policy_required boolean,
  policy_automoderate boolean,
  policy_switch boolean,
  CONSTRAINT auth_policies_name_key UNIQUE (name),
  CONSTRAINT auth_policies_pkey PRIMARY KEY (id),
  CONSTRAINT auth_policies_policy_limit_check CHECK ((policy_limit >= 0))
);

CREATE TABLE identity.auth_policy_groups (
  policy_id bigint NOT NULL,
  group_id bigint NOT NULL,
  CONSTRAINT auth_policy_groups_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity.groups(id) ON DELETE CASCADE,
  CONSTRAINT auth_policy_groups_pkey PRIMARY KEY (group_id, policy_id),
  CONSTRAINT auth_policy_groups_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES identity.auth_policies(id) ON DELETE CASCADE
);
CREATE INDEX auth_policy_groups_of_policy ON identity.auth_policy_groups USING btree (policy_id);

CREATE TABLE identity.auth_policy_users (
  policy_id bigint NOT NULL,
  user_id bigint NOT NULL,
  CONSTRAINT auth_policy_users_pkey PRIMARY KEY (user_id, policy_id),
  CONSTRAINT auth_policy_users_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES identity.auth_policies(id) ON DELETE CASCADE,
  CONSTRAINT auth_policy_users_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX auth_policy_users_of_policy ON identity.auth_policy_users USING btree (policy_id);

CREATE TABLE identity.auth_providers (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" DEFAULT ''::text NOT NULL,
  is_active boolean DEFAULT true NOT NULL,
  backend text DEFAULT 'astakos'::text NOT NULL,
  affiliation text DEFAULT ''::text NOT NULL,
  info jsonb DEFAULT '{}'::jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  last_login_at timestamp with time zone,
  is_verified boolean DEFAULT false NOT NULL,
  CONSTRAINT auth_providers_of_user FOREIGN KEY (user_id, is_verified) REFERENCES identity.users(id, email_verified) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT auth_providers_pkey PRIMARY KEY (id),
  CONSTRAINT auth_providers_user_id_module_identifier_key UNIQUE (user_id, module, identifier)
);
CREATE INDEX auth_providers_identifier ON identity.auth_providers USING btree (module, identifier) WHERE (identifier <> ''::text);
CREATE UNIQUE INDEX auth_providers_verified_identity ON identity.auth_providers USING btree (module, identifier) WHERE (is_verified AND (identifier <> ''::text));

CREATE TABLE identity.commissions (
  serial bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  component text COLLATE "C" NOT NULL,
  name text DEFAULT ''::text NOT NULL,
  issued_at timestamp with time zone DEFAULT now() NOT NULL,
  holding_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  quantities bigint[] DEFAULT '{}'::bigint[] NOT NULL,
  CONSTRAINT commissions_check CHECK ((cardinality(holding_ids) = cardinality(quantities))),
  CONSTRAINT commissions_pkey PRIMARY KEY (serial)
);
CREATE INDEX commissions_of_component ON identity.commissions USING btree (component, serial);

CREATE TABLE identity.components (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text COLLATE "C" NOT NULL,
  path text,
  base_url text,
  ui_url text,
  token_hash bytea NOT NULL,
  token_sealed bytea NOT NULL,
  token_created_at timestamp with time zone DEFAULT now() NOT NULL,
  token_expires_at timestamp with time zone,
  CONSTRAINT components_check CHECK (((path IS NULL) OR (base_url IS NULL))),
  CONSTRAINT components_name_key UNIQUE (name),
  CONSTRAINT components_pkey PRIMARY KEY (id),
  CONSTRAINT components_token_hash_key UNIQUE (token_hash)
);

CREATE TABLE identity.device_logins (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  device_code_hash bytea NOT NULL,
  user_code_mac bytea NOT NULL,
  client text COLLATE "C" NOT NULL,
  device_name text NOT NULL,
  scopes text[] NOT NULL,
  address text NOT NULL,
  state text DEFAULT 'pending'::text NOT NULL,
  user_id bigint,
  interval_seconds integer NOT NULL,
  asked_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT device_logins_check CHECK (((user_id IS NULL) = (state = 'pending'::text))),
  CONSTRAINT device_logins_device_code_hash_key UNIQUE (device_code_hash),
  CONSTRAINT device_logins_pkey PRIMARY KEY (id),
  CONSTRAINT device_logins_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'refused'::text]))),
  CONSTRAINT device_logins_user_code_mac_key UNIQUE (user_code_mac),
  CONSTRAINT device_logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX device_logins_expiry ON identity.device_logins USING btree (expires_at);
CREATE INDEX device_logins_of_user ON identity.device_logins USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE TABLE identity.email_changes (
  user_id bigint NOT NULL,
  new_email text COLLATE "C" NOT NULL,
  key_hash bytea NOT NULL,
  requested_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT email_changes_key_hash_key UNIQUE (key_hash),
  CONSTRAINT email_changes_new_email_check CHECK ((new_email = lower(new_email))),
  CONSTRAINT email_changes_pkey PRIMARY KEY (user_id),
  CONSTRAINT email_changes_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);

CREATE TABLE identity.endpoints (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  service_id bigint NOT NULL,
  data jsonb NOT NULL,
  CONSTRAINT endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT endpoints_service_id_fkey FOREIGN KEY (service_id) REFERENCES identity.services(id) ON DELETE CASCADE
);
CREATE INDEX endpoints_of_service ON identity.endpoints USING btree (service_id, id);

CREATE TABLE identity.group_members (
  user_id bigint NOT NULL,
  group_id bigint NOT NULL,
  CONSTRAINT group_members_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity.groups(id) ON DELETE CASCADE,
  CONSTRAINT group_members_pkey PRIMARY KEY (user_id, group_id),
  CONSTRAINT group_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX group_members_of_group ON identity.group_members USING btree (group_id);

CREATE TABLE identity.groups (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text COLLATE "C" NOT NULL,
  permissions text[] DEFAULT '{}'::text[] NOT NULL,
  CONSTRAINT groups_name_key UNIQUE (name),
  CONSTRAINT groups_pkey PRIMARY KEY (id)
);

CREATE TABLE identity.holdings (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  holder text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  "limit" bigint NOT NULL,
  usage_min bigint DEFAULT 0 NOT NULL,
  usage_max bigint DEFAULT 0 NOT NULL,
  CONSTRAINT holdings_check CHECK ((usage_min <= usage_max)),
  CONSTRAINT holdings_holder_source_resource_key UNIQUE (holder, source, resource),
  CONSTRAINT holdings_limit_check CHECK (("limit" >= 0)),
  CONSTRAINT holdings_pkey PRIMARY KEY (id),
  CONSTRAINT holdings_usage_min_check CHECK ((usage_min >= 0))
);
CREATE INDEX holdings_of_source ON identity.holdings USING btree (source, resource) WHERE (source <> ''::text);

CREATE TABLE identity.imports (
  uuid text COLLATE "C" NOT NULL,
  digest bytea NOT NULL,
  as_brought bytea NOT NULL,
  problem text,
  imported_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT imports_pkey PRIMARY KEY (uuid)
);

CREATE TABLE identity.invitations (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  inviter_id bigint NOT NULL,
  realname text NOT NULL,
  email text COLLATE "C" NOT NULL,
  code_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  consumed_at timestamp with time zone,
  CONSTRAINT invitations_code_hash_key UNIQUE (code_hash),
  CONSTRAINT invitations_email_check CHECK ((email = lower(email))),
  CONSTRAINT invitations_email_key UNIQUE (email),
  CONSTRAINT invitations_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES identity.users(id) ON DELETE CASCADE,
  CONSTRAINT invitations_pkey PRIMARY KEY (id)
);
CREATE INDEX invitations_of_inviter ON identity.invitations USING btree (inviter_id, id);

CREATE TABLE identity.mails (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  sender text NOT NULL,
  recipient text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
  refused_at timestamp with time zone,
  last_error text,
  CONSTRAINT mails_pkey PRIMARY KEY (id)
);
CREATE INDEX mails_due ON identity.mails USING btree (next_attempt_at) WHERE (refused_at IS NULL);

CREATE TABLE identity.membership_log (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  membership_id bigint NOT NULL,
  from_state text,
  to_state text NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  actor text COLLATE "C",
  reason text DEFAULT ''::text NOT NULL,
  CONSTRAINT membership_log_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES identity.memberships(id) ON DELETE CASCADE,
  CONSTRAINT membership_log_pkey PRIMARY KEY (id)
);
CREATE INDEX membership_log_of_membership ON identity.membership_log USING btree (membership_id, id);

CREATE TABLE identity.memberships (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  project_id bigint NOT NULL,
  state text NOT NULL,
  initialized boolean DEFAULT false NOT NULL,
  overquota_state text DEFAULT 'OK'::text NOT NULL,
  overquota_state_at timestamp with time zone,
  overquota_at timestamp with time zone,
  CONSTRAINT memberships_pkey PRIMARY KEY (id),
  CONSTRAINT memberships_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.projects(id) ON DELETE CASCADE,
  CONSTRAINT memberships_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'accepted'::text, 'leave_requested'::text, 'suspended'::text, 'rejected'::text, 'cancelled'::text, 'removed'::text]))),
  CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE,
  CONSTRAINT memberships_user_id_project_id_key UNIQUE (user_id, project_id)
);
CREATE INDEX memberships_by_state ON identity.memberships USING btree (project_id, state, id);
CREATE INDEX memberships_of_project ON identity.memberships USING btree (project_id, id);

CREATE TABLE identity.oauth2_clients (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  type text NOT NULL,
  secret_hash text,
  is_trusted boolean DEFAULT false NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT oauth2_clients_check CHECK (((secret_hash IS NOT NULL) = (type = 'confidential'::text))),
  CONSTRAINT oauth2_clients_identifier_check CHECK (((length(identifier) >= 1) AND (length(identifier) <= 255))),
  CONSTRAINT oauth2_clients_identifier_key UNIQUE (identifier),
  CONSTRAINT oauth2_clients_pkey PRIMARY KEY (id),
  CONSTRAINT oauth2_clients_type_check CHECK ((type = ANY (ARRAY['confidential'::text, 'public'::text])))
);

CREATE TABLE identity.oauth2_codes (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  code_hash bytea NOT NULL,
  client_id bigint NOT NULL,
  user_id bigint NOT NULL,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  challenge text,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT oauth2_codes_client_id_fkey FOREIGN KEY (client_id) REFERENCES identity.oauth2_clients(id) ON DELETE CASCADE,
  CONSTRAINT oauth2_codes_code_hash_key UNIQUE (code_hash),
  CONSTRAINT oauth2_codes_pkey PRIMARY KEY (id),
  CONSTRAINT oauth2_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX oauth2_codes_expiry ON identity.oauth2_codes USING btree (expires_at);
CREATE INDEX oauth2_codes_of_client ON identity.oauth2_codes USING btree (client_id);
CREATE INDEX oauth2_codes_of_user ON identity.oauth2_codes USING btree (user_id);

CREATE TABLE identity.oauth2_redirect_urls (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  client_id bigint NOT NULL,
  url text COLLATE "C" NOT NULL,
  CONSTRAINT oauth2_redirect_urls_client_id_fkey FOREIGN KEY (client_id) REFERENCES identity.oauth2_clients(id) ON DELETE CASCADE,
  CONSTRAINT oauth2_redirect_urls_client_id_url_key UNIQUE (client_id, url),
  CONSTRAINT oauth2_redirect_urls_pkey PRIMARY KEY (id)
);

CREATE TABLE identity.oauth2_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  token_hash bytea NOT NULL,
  code_hash bytea NOT NULL,
  client_id bigint NOT NULL,
  user_id bigint NOT NULL,
  redirect_uri text NOT NULL,
  scope text NOT NULL,
  access_type text DEFAULT 'online'::text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT oauth2_tokens_access_type_check CHECK ((access_type = ANY (ARRAY['online'::text, 'offline'::text]))),
  CONSTRAINT oauth2_tokens_client_id_fkey FOREIGN KEY (client_id) REFERENCES identity.oauth2_clients(id) ON DELETE CASCADE,
  CONSTRAINT oauth2_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT oauth2_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT oauth2_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX oauth2_tokens_expiry ON identity.oauth2_tokens USING btree (expires_at);
CREATE INDEX oauth2_tokens_of_client ON identity.oauth2_tokens USING btree (client_id);
CREATE INDEX oauth2_tokens_of_code ON identity.oauth2_tokens USING btree (code_hash);
CREATE INDEX oauth2_tokens_of_user ON identity.oauth2_tokens USING btree (user_id);

CREATE TABLE identity.openid_keys (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kid text COLLATE "C" NOT NULL,
  private_key_sealed bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT openid_keys_kid_key UNIQUE (kid),
  CONSTRAINT openid_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE identity.openid_records (
  model text COLLATE "C" NOT NULL,
  id_hash bytea NOT NULL,
  uid_hash bytea,
  grant_hash bytea,
  account text COLLATE "C",
  payload bytea NOT NULL,
  consumed_at timestamp with time zone,
  expires_at timestamp with time zone,
  CONSTRAINT openid_records_pkey PRIMARY KEY (model, id_hash)
);
CREATE INDEX openid_records_expiry ON identity.openid_records USING btree (expires_at);
CREATE INDEX openid_records_grant ON identity.openid_records USING btree (grant_hash) WHERE (grant_hash IS NOT NULL);
CREATE INDEX openid_records_of_account ON identity.openid_records USING btree (account) WHERE (account IS NOT NULL);
CREATE INDEX openid_records_uid ON identity.openid_records USING btree (uid_hash) WHERE (uid_hash IS NOT NULL);

CREATE TABLE identity.passkey_challenges (
  challenge_hash bytea NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  user_id bigint,
  address text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge_hash),
  CONSTRAINT passkey_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX passkey_challenges_expiry ON identity.passkey_challenges USING btree (expires_at);
CREATE INDEX passkey_challenges_of_user ON identity.passkey_challenges USING btree (user_id);

CREATE TABLE identity.passkeys (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  credential_id bytea NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] DEFAULT '{}'::text[] NOT NULL,
  is_synced boolean NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  last_used_at timestamp with time zone,
  CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id),
  CONSTRAINT passkeys_pkey PRIMARY KEY (id),
  CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX passkeys_of_user ON identity.passkeys USING btree (user_id, id);

CREATE TABLE identity.pending_logins (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  claims jsonb NOT NULL,
  token_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT pending_logins_module_identifier_key UNIQUE (module, identifier),
  CONSTRAINT pending_logins_pkey PRIMARY KEY (id),
  CONSTRAINT pending_logins_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX pending_logins_age ON identity.pending_logins USING btree (created_at);

CREATE TABLE identity.project_limits (
  project_id bigint NOT NULL,
  resource text COLLATE "C" NOT NULL,
  project_capacity bigint NOT NULL,
  member_capacity bigint NOT NULL,
  CONSTRAINT project_limits_member_capacity_check CHECK ((member_capacity >= 0)),
  CONSTRAINT project_limits_pkey PRIMARY KEY (project_id, resource),
  CONSTRAINT project_limits_project_capacity_check CHECK ((project_capacity >= 0)),
  CONSTRAINT project_limits_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.projects(id) ON DELETE CASCADE,
  CONSTRAINT project_limits_resource_fkey FOREIGN KEY (resource) REFERENCES identity.resources(name)
);

CREATE TABLE identity.project_log (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  project_id bigint NOT NULL,
  from_state text,
  to_state text NOT NULL,
  at timestamp with time zone DEFAULT now() NOT NULL,
  actor text COLLATE "C",
  reason text DEFAULT ''::text NOT NULL,
  comments text DEFAULT ''::text NOT NULL,
  CONSTRAINT project_log_pkey PRIMARY KEY (id),
  CONSTRAINT project_log_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.projects(id) ON DELETE CASCADE
);
CREATE INDEX project_log_of_project ON identity.project_log USING btree (project_id, id);

CREATE TABLE identity.projects (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  uuid text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  realname text COLLATE "C" NOT NULL,
  owner_id bigint,
  homepage text DEFAULT ''::text NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  end_date timestamp with time zone NOT NULL,
  join_policy text NOT NULL,
  leave_policy text NOT NULL,
  max_members bigint NOT NULL,
  private boolean DEFAULT false NOT NULL,
  is_base boolean DEFAULT false NOT NULL,
  state text NOT NULL,
  CONSTRAINT projects_check CHECK (((NOT is_base) OR (owner_id IS NULL))),
  CONSTRAINT projects_join_policy_check CHECK ((join_policy = ANY (ARRAY['auto'::text, 'moderated'::text, 'closed'::text]))),
  CONSTRAINT projects_leave_policy_check CHECK ((leave_policy = ANY (ARRAY['auto'::text, 'moderated'::text, 'closed'::text]))),
  CONSTRAINT projects_max_members_check CHECK ((max_members >= 0)),
  CONSTRAINT projects_name_key UNIQUE (name),
  CONSTRAINT projects_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES identity.users(id),
  CONSTRAINT projects_pkey PRIMARY KEY (id),
  CONSTRAINT projects_state_check CHECK ((state = ANY (ARRAY['uninitialized'::text, 'active'::text, 'suspended'::text, 'terminated'::text, 'deleted'::text]))),
  CONSTRAINT projects_uuid_key UNIQUE (uuid)
);
CREATE INDEX projects_alive_by_end ON identity.projects USING btree (end_date) WHERE ((state = ANY (ARRAY['active'::text, 'suspended'::text])) AND (NOT is_base));
CREATE INDEX projects_all_by_end ON identity.projects USING btree (end_date, id);
CREATE INDEX projects_by_creation ON identity.projects USING btree (created_at, id) WHERE (NOT is_base);
CREATE INDEX projects_by_end ON identity.projects USING btree (end_date, id) WHERE (NOT is_base);
CREATE INDEX projects_by_name ON identity.projects USING btree (lower(realname), id) WHERE (NOT is_base);
CREATE INDEX projects_name_parts ON identity.projects USING gin (identity.name_parts(realname)) WITH (fastupdate=off) WHERE (NOT is_base);
CREATE INDEX projects_of_owner ON identity.projects USING btree (owner_id) WHERE (owner_id IS NOT NULL);
CREATE INDEX projects_public ON identity.projects USING btree (id) WHERE ((state = 'active'::text) AND (NOT private));
CREATE INDEX projects_public_by_creation ON identity.projects USING btree (created_at, id) WHERE ((state = 'active'::text) AND (NOT private));
CREATE INDEX projects_public_by_end ON identity.projects USING btree (end_date, id) WHERE ((state = 'active'::text) AND (NOT private));
CREATE INDEX projects_public_by_name ON identity.projects USING btree (lower(realname), id) WHERE ((state = 'active'::text) AND (NOT private));
CREATE INDEX projects_realname ON identity.projects USING btree (realname, id);

CREATE TABLE identity.provision_log (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  serial bigint NOT NULL,
  name text NOT NULL,
  issued_at timestamp with time zone NOT NULL,
  logged_at timestamp with time zone DEFAULT now() NOT NULL,
  holder text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  "limit" bigint NOT NULL,
  usage_min bigint NOT NULL,
  usage_max bigint NOT NULL,
  delta bigint NOT NULL,
  reason text NOT NULL,
  CONSTRAINT provision_log_pkey PRIMARY KEY (id)
);
CREATE INDEX provision_log_of_serial ON identity.provision_log USING btree (serial);

CREATE TABLE identity.recovery_codes (
  user_id bigint NOT NULL,
  code_hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);

CREATE TABLE identity.resources (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text COLLATE "C" NOT NULL,
  description text DEFAULT ''::text NOT NULL,
  unit text,
  service_type text COLLATE "C" NOT NULL,
  service_origin text COLLATE "C" NOT NULL,
  system_default bigint NOT NULL,
  project_default bigint NOT NULL,
  ui_visible boolean DEFAULT true NOT NULL,
  api_visible boolean DEFAULT true NOT NULL,
  CONSTRAINT resources_check CHECK ((api_visible OR (NOT ui_visible))),
  CONSTRAINT resources_name_key UNIQUE (name),
  CONSTRAINT resources_pkey PRIMARY KEY (id),
  CONSTRAINT resources_project_default_check CHECK ((project_default >= 0)),
  CONSTRAINT resources_system_default_check CHECK ((system_default >= 0))
);

CREATE TABLE identity.services (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  component_id bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  prefix text DEFAULT ''::text NOT NULL,
  imported_at timestamp with time zone,
  CONSTRAINT services_component_id_fkey FOREIGN KEY (component_id) REFERENCES identity.components(id) ON DELETE CASCADE,
  CONSTRAINT services_name_key UNIQUE (name),
  CONSTRAINT services_pkey PRIMARY KEY (id)
);
CREATE INDEX services_of_component ON identity.services USING btree (component_id);

CREATE TABLE identity.sessions (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  secret_hash bytea NOT NULL,
  address text DEFAULT ''::text NOT NULL,
  user_agent text DEFAULT ''::text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  method text COLLATE "C" DEFAULT 'local'::text NOT NULL,
  last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
  proven_at timestamp with time zone,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_secret_hash_key UNIQUE (secret_hash),
  CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_expiry ON identity.sessions USING btree (expires_at);
CREATE INDEX sessions_of_user ON identity.sessions USING btree (user_id, id);

CREATE TABLE identity.sign_in_challenges (
  secret_hash bytea NOT NULL,
  user_id bigint NOT NULL,
  module text COLLATE "C" NOT NULL,
  identifier text COLLATE "C" NOT NULL,
  address text NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT sign_in_challenges_pkey PRIMARY KEY (secret_hash),
  CONSTRAINT sign_in_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE INDEX sign_in_challenges_expiry ON identity.sign_in_challenges USING btree (expires_at);
CREATE INDEX sign_in_challenges_of_user ON identity.sign_in_challenges USING btree (user_id);

CREATE TABLE identity.spent_handshakes (
  id_hash bytea NOT NULL,
  claims jsonb,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT spent_handshakes_pkey PRIMARY KEY (id_hash)
);
CREATE INDEX spent_handshakes_expiry ON identity.spent_handshakes USING btree (expires_at);

CREATE TABLE identity.spent_work (
  work_hash bytea NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT spent_work_pkey PRIMARY KEY (work_hash)
);
CREATE INDEX spent_work_expiry ON identity.spent_work USING btree (expires_at);

CREATE TABLE identity.terms (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  location text NOT NULL,
  issued_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT terms_pkey PRIMARY KEY (id)
);

CREATE TABLE identity.tokens (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id bigint NOT NULL,
  name text NOT NULL,
  is_classic boolean DEFAULT false NOT NULL,
  secret_hash bytea NOT NULL,
  secret_sealed bytea,
  scopes text[],
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  CONSTRAINT tokens_check CHECK (((NOT is_classic) OR (secret_sealed IS NOT NULL))),
  CONSTRAINT tokens_pkey PRIMARY KEY (id),
  CONSTRAINT tokens_secret_hash_key UNIQUE (secret_hash),
  CONSTRAINT tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX tokens_classic ON identity.tokens USING btree (user_id) WHERE is_classic;
CREATE INDEX tokens_of_user ON identity.tokens USING btree (user_id, id);

CREATE TABLE identity.totp (
  user_id bigint NOT NULL,
  secret_sealed bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  confirmed_at timestamp with time zone,
  last_step bigint DEFAULT 0 NOT NULL,
  CONSTRAINT totp_pkey PRIMARY KEY (user_id),
  CONSTRAINT totp_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity.users(id) ON DELETE CASCADE
);

CREATE TABLE identity.users (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  uuid text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  first_name text DEFAULT ''::text NOT NULL,
  last_name text DEFAULT ''::text NOT NULL,
  affiliation text DEFAULT ''::text NOT NULL,
  password_hash text,
  email_verified boolean DEFAULT false NOT NULL,
  verified_at timestamp with time zone,
  verification_hash bytea,
  activation_sent_at timestamp with time zone,
  moderated boolean DEFAULT false NOT NULL,
  moderated_at timestamp with time zone,
  moderated_data jsonb,
  accepted_policy text,
  accepted_email text,
  is_rejected boolean DEFAULT false NOT NULL,
  rejected_reason text DEFAULT ''::text NOT NULL,
  is_active boolean DEFAULT false NOT NULL,
  deactivated_reason text DEFAULT ''::text NOT NULL,
  deactivated_at timestamp with time zone,
  is_superuser boolean DEFAULT false NOT NULL,
  has_signed_terms boolean DEFAULT false NOT NULL,
  signed_terms_at timestamp with time zone,
  has_seen_profile boolean DEFAULT false NOT NULL,
  default_project text COLLATE "C",
  level integer DEFAULT 4 NOT NULL,
  invitations integer DEFAULT 0 NOT NULL,
  permissions text[] DEFAULT '{}'::text[] NOT NULL,
  joined_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  last_login_at timestamp with time zone,
  CONSTRAINT users_check CHECK (((NOT is_active) OR (email_verified AND moderated AND (NOT is_rejected)))),
  CONSTRAINT users_email_check CHECK ((email = lower(email))),
  CONSTRAINT users_id_verified UNIQUE (id, email_verified),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_uuid_key UNIQUE (uuid),
  CONSTRAINT users_verification_hash_key UNIQUE (verification_hash)
);
CREATE INDEX users_email ON identity.users USING btree (email);
CREATE INDEX users_paying_elsewhere ON identity.users USING btree (default_project) WHERE (default_project <> uuid);
CREATE INDEX users_states ON identity.users USING btree (email_verified, is_active);
CREATE UNIQUE INDEX users_verified_email ON identity.users USING btree (email) WHERE email_verified;

CREATE TABLE identity.withdrawn (
  kind text NOT NULL,
  name text COLLATE "C" NOT NULL,
  CONSTRAINT withdrawn_kind_check CHECK ((kind = ANY (ARRAY['component'::text, 'service'::text]))),
  CONSTRAINT withdrawn_pkey PRIMARY KEY (kind, name)
);

CREATE OR REPLACE FUNCTION identity.name_parts(name text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT DISTINCT substr(lower(name_parts.name), first.first, long.long) AS substr FROM generate_series(1, char_length(lower(name_parts.name))) first(first), generate_series(1, 3) long(long) WHERE (((first.first + long.long) - 1) <= char_length(lower(name_parts.name))));
