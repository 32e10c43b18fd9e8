-- FOR NO KEY UPDATE conflicts with the FOR UPDATE of registrations that enforce quotas, but not with the key locks of
-- those that do not. The latter hold the sequence already, and would wait for us while we wait for them.
SELECT count(*)
FROM (
  SELECT 1 FROM customer
  WHERE id IN (SELECT customer_id FROM ua_operator_import)
  ORDER BY id FOR NO KEY UPDATE
) AS locked;
