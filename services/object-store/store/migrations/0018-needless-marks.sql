-- Containers that keep no versions kept a mark of each deletion for ever. A mark says that the version before it ended:
-- those before which nothing is, or another mark, go. The running release makes such marks until it is replaced, and
-- needs none of them; writers of other paths are not held up.
DELETE FROM object_store.versions AS mark
WHERE state = 'deleted' AND coalesce((
  SELECT before.state FROM object_store.versions AS before
  WHERE before.container_id = mark.container_id AND before.name = mark.name AND before.id < mark.id
  ORDER BY before.id DESC LIMIT 1), 'deleted') = 'deleted';
