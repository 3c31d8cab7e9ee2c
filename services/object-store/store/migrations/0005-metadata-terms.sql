-- Finds the few objects of a large container that carry a metadata key, or a key with a value. A term is a hash of either,
-- seeded with the container; two that meet by chance cost a look at an object that does not fit.
-- The running release is not disturbed: it does not ask the index, and writes go on when it has been built, which takes
-- some seconds for a million objects with metadata.
CREATE FUNCTION object_store.metadata_terms(container_id bigint, metadata jsonb) RETURNS bigint[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN ARRAY(
    SELECT hashtextextended(term, container_id)
    FROM jsonb_each_text(metadata) AS item (key, value)
    CROSS JOIN LATERAL (VALUES (key COLLATE "C"), ((key || '=' || value) COLLATE "C")) AS terms (term)
  );

CREATE INDEX versions_metadata ON object_store.versions USING gin (object_store.metadata_terms(container_id, metadata))
  WITH (gin_pending_list_limit = 256)
  WHERE state = 'current' AND metadata <> '{}';
