-- A snapshot of 100 GiB refers to 25,600 blocks: checking each reference and indexing it twice took most of its time.
-- Whoever removes a map removes its references by the map's own list of hashes.
-- The running release is not disturbed: nothing reads by map.
ALTER TABLE object_store.map_blocks DROP CONSTRAINT map_blocks_map_id_fkey;
DROP INDEX object_store.map_blocks_map;
