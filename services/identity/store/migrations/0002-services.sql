-- What the cloud offers: components, their services and endpoints, and the resources that are counted.
-- The first release: nothing is running yet.

CREATE TABLE identity.components (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  -- Path below the base URL for a component of this cloud; its addresses are computed, never stored.
  path text,
  -- Addresses of a component that runs elsewhere.
  base_url text,
  ui_url text,
  token_hash bytea NOT NULL UNIQUE,
  token_sealed bytea NOT NULL,
  token_created_at timestamptz NOT NULL DEFAULT now(),
  token_expires_at timestamptz,
  CHECK (path IS NULL OR base_url IS NULL)
);

CREATE TABLE identity.services (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  component_id bigint NOT NULL REFERENCES identity.components ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL UNIQUE,
  type text COLLATE "C" NOT NULL,
  -- Path below the component.
  prefix text NOT NULL DEFAULT ''
);
CREATE INDEX services_of_component ON identity.services (component_id);

CREATE TABLE identity.endpoints (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id bigint NOT NULL REFERENCES identity.services ON DELETE CASCADE,
  -- Strings by key, as registered. Without `publicURL` the address is computed.
  data jsonb NOT NULL
);
CREATE INDEX endpoints_of_service ON identity.endpoints (service_id, id);

CREATE TABLE identity.resources (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  description text NOT NULL DEFAULT '',
  unit text,
  service_type text COLLATE "C" NOT NULL,
  service_origin text COLLATE "C" NOT NULL,
  -- Limits of projects made from now on: of system projects, and of the others.
  system_default bigint NOT NULL CHECK (system_default >= 0),
  project_default bigint NOT NULL CHECK (project_default >= 0),
  ui_visible boolean NOT NULL DEFAULT true,
  api_visible boolean NOT NULL DEFAULT true,
  CHECK (api_visible OR NOT ui_visible)
);
