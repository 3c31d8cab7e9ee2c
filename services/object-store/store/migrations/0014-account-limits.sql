-- The size limit that an account had on record without a quota service, as installations taken over may have: for the
-- operator to export to the quota service, which is what limits accounts here.
-- The running release is not disturbed: a nullable column.
ALTER TABLE object_store.accounts ADD COLUMN quota_bytes bigint CHECK (quota_bytes >= 0);
