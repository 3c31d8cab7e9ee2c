-- Operators register services too, and take standard ones away: a start of the cloud leaves both as they are.
-- The running release is not disturbed: a nullable column, and a table that it does not know.
ALTER TABLE identity.services ADD COLUMN imported_at timestamptz;

-- Standard components and services that an operator took away. Registering one again removes its row.
CREATE TABLE identity.withdrawn (
  kind text NOT NULL CHECK (kind IN ('component', 'service')),
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, name)
);
