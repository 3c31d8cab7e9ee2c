-- What the importer left beside the versions of what it brought: so that sharing, links, policies, metadata and groups that
-- were changed here since are not overwritten unseen. The running release is not disturbed: a nullable column that only the
-- importer reads. Of what was brought before it is not known.
ALTER TABLE object_store.imports ADD COLUMN as_brought bytea;
