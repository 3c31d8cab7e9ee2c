-- Groups of people, to whom their owner or anybody else shares objects as `owner:group`.
-- The running release is not disturbed: a new table.
CREATE TABLE object_store.groups (
  account text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  member text COLLATE "C" NOT NULL,
  PRIMARY KEY (account, name, member)
);
CREATE INDEX groups_member ON object_store.groups (member);
