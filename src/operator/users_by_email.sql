-- The email as typed, or else without the blanks at its end.
SELECT id, customer_id
FROM (
  SELECT 1 AS choice, id, customer_id FROM _user WHERE folded(email) = folded($1::text)
  UNION ALL
  SELECT 2, id, customer_id FROM _user WHERE folded(email) = folded($2::text)
) AS u
ORDER BY choice
LIMIT 1;
