-- Commissions of the quota service whose change is recorded here while they may still be pending there. This service has
-- its own accepted in the transaction that records the change and never writes here; an installation that is taken over
-- may have left some.
-- The running release is not disturbed: a new table.
CREATE TABLE object_store.commission_serials (
  serial bigint PRIMARY KEY
);
