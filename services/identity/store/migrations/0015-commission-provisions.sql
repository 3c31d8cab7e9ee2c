-- A pending commission carries its provisions in its own row: issuing writes one row instead of one per provision, and
-- resolving takes one away. The ledger looks itself whether every holding is there.
-- A release that runs meanwhile cannot issue or resolve until it is restarted; nothing it had pending is lost.
ALTER TABLE identity.commissions
  ADD COLUMN holding_ids bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN quantities bigint[] NOT NULL DEFAULT '{}',
  ADD CHECK (cardinality(holding_ids) = cardinality(quantities));
UPDATE identity.commissions c SET holding_ids = p.holding_ids, quantities = p.quantities
FROM (
  SELECT serial, array_agg(holding_id ORDER BY holding_id) AS holding_ids, array_agg(quantity ORDER BY holding_id) AS quantities
  FROM identity.provisions GROUP BY serial
) AS p
WHERE p.serial = c.serial;
DROP TABLE identity.provisions;
