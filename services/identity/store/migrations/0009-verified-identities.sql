-- One verified person at most may hold an identity of a provider, however many ask for it at once. The index needs to
-- know on the link whether its person is verified, and the foreign key keeps the two the same.
-- A running release cannot link further logins to verified accounts until it is replaced; signing in goes on.

ALTER TABLE identity.users ADD CONSTRAINT users_id_verified UNIQUE (id, email_verified);

ALTER TABLE identity.auth_providers ADD COLUMN is_verified boolean NOT NULL DEFAULT false;
UPDATE identity.auth_providers a SET is_verified = u.email_verified FROM identity.users u WHERE u.id = a.user_id;
ALTER TABLE identity.auth_providers
  DROP CONSTRAINT auth_providers_user_id_fkey,
  ADD CONSTRAINT auth_providers_of_user FOREIGN KEY (user_id, is_verified)
    REFERENCES identity.users (id, email_verified) ON UPDATE CASCADE ON DELETE CASCADE;
CREATE UNIQUE INDEX auth_providers_verified_identity ON identity.auth_providers (module, identifier)
  WHERE is_verified AND identifier <> '';
