-- Content of a few KiB stays in the row of its map: moved out into pieces, it cost three rows and their index entries to
-- write and an index scan to read. What is larger than a page is moved out as before.
-- The running release is not disturbed: rows that are there stay as they are.
ALTER TABLE object_store.maps SET (toast_tuple_target = 8160);
