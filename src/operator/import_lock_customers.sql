-- FOR NO KEY UPDATE meets the FOR UPDATE of a registration that respects quotas, and not the key locks of those that do
-- not: these hold the sequence already, and would wait for us while we wait for them.
SELECT count(*)
FROM (
  SELECT 1 FROM customer
  WHERE id IN (SELECT customer_id FROM ua_operator_import)
  ORDER BY id FOR NO KEY UPDATE
) AS locked;
