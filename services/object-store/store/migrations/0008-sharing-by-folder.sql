-- What is shared with somebody is decided by the closest path with permissions: the object's own, or that of a folder
-- above it. Two functions say which paths are above a name and which objects are folders, for all queries alike.
-- The running release is not disturbed: it does not call them.

-- Every path above a name below its container, as it may be called with and without a slash at the end.
CREATE FUNCTION object_store.paths_above(name text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN ARRAY(
    SELECT path || slash
    FROM (SELECT string_to_array(name, '/') AS parts) split
    CROSS JOIN LATERAL generate_series(1, cardinality(parts) - 1) AS depth
    CROSS JOIN LATERAL (SELECT array_to_string(parts[1:depth], '/') AS path) above
    CROSS JOIN (VALUES (''), ('/')) AS spelled (slash)
    WHERE depth > 1 OR path <> ''
  );

CREATE FUNCTION object_store.is_folder(content_type text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN btrim(split_part(content_type, ';', 1)) IN ('application/directory', 'application/folder');
