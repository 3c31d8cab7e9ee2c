-- Pages through all projects, those of the system too, in the order of their end; and searches names at a cost that does
-- not depend on what was written lately. The running release is not disturbed.
CREATE INDEX projects_all_by_end ON identity.projects (end_date, id);
-- Names are written rarely and searched often: nothing waits to be sorted in, so no search has to read what waits.
ALTER INDEX identity.projects_name_parts SET (fastupdate = off);
SELECT gin_clean_pending_list('identity.projects_name_parts');
