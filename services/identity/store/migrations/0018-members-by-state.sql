-- Counts the members of a project, and pages through those in one state, without reading all who ever were in it; and
-- finds who would have to pay elsewhere when a project ends. The running release is not disturbed: indexes only.
CREATE INDEX memberships_by_state ON identity.memberships (project_id, state, id);
CREATE INDEX users_paying_elsewhere ON identity.users (default_project) WHERE default_project <> uuid;
