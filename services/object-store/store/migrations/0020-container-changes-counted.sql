-- How many changes of a container were folded so far: with those that were not, a number that grows with every change of
-- what is in it. A page of a listing that was made at a number stands as long as the number does. The release that runs
-- while this is added folds without counting, and keeps no pages.
ALTER TABLE object_store.container_statistics ADD COLUMN changes bigint NOT NULL DEFAULT 0;
