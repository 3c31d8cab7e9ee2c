-- Remember addresses that were given back, so that taking one is a look-up however many are in use: searching a full /16 for
-- its first gap took 120 ms under the lock of the pool. Nothing below search_from is free yet when this runs, so
-- the table begins empty. The running release still searches, and may leave addresses below search_from unused that were
-- given back meanwhile.
CREATE TABLE network.free_addresses (
  subnet_id int8 NOT NULL REFERENCES network.subnets,
  address inet NOT NULL,
  PRIMARY KEY (subnet_id, address)
);
COMMENT ON COLUMN network.subnets.search_from IS
  'Everything of the pool below this address is in addresses or in free_addresses; from here on only chosen addresses are in use.';
