-- Finds projects by any part of their name, in any letter case, and pages through them in the orders that tables offer.
-- Parts of one to three letters are indexed with what every PostgreSQL has: no extension is needed.
-- The running release is not disturbed beyond the moment it takes to read the projects once.
CREATE FUNCTION identity.name_parts(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
  SELECT DISTINCT substr(lower(name), first, long)
  FROM generate_series(1, char_length(lower(name))) AS first, generate_series(1, 3) AS long
  WHERE first + long - 1 <= char_length(lower(name)));

CREATE INDEX projects_name_parts ON identity.projects USING gin (identity.name_parts(realname)) WHERE NOT is_base;
CREATE INDEX projects_by_name ON identity.projects (lower(realname), id) WHERE NOT is_base;
CREATE INDEX projects_by_creation ON identity.projects (created_at, id) WHERE NOT is_base;
CREATE INDEX projects_by_end ON identity.projects (end_date, id) WHERE NOT is_base;
CREATE INDEX projects_public_by_name ON identity.projects (lower(realname), id) WHERE state = 'active' AND NOT private;
CREATE INDEX projects_public_by_creation ON identity.projects (created_at, id) WHERE state = 'active' AND NOT private;
CREATE INDEX projects_public_by_end ON identity.projects (end_date, id) WHERE state = 'active' AND NOT private;
-- Those that may have run out.
CREATE INDEX projects_alive_by_end ON identity.projects (end_date) WHERE state IN ('active', 'suspended') AND NOT is_base;
-- By its name as written, for those who know it.
CREATE INDEX projects_realname ON identity.projects (realname, id);
