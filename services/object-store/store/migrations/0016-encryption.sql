-- Whether a cloud encrypts its data at rest is chosen when it is first started, and with which key it does must stay: the
-- key itself is not here, but what tells whether another one is used.
-- The running release goes on: it knows no encryption, and clouds that exist have none.
ALTER TABLE object_store.configuration ADD COLUMN key_check text;
