-- The email as typed, or else without trailing blanks, as in customer_of_email.sql. The customer is checked last, for the
-- same reason.
SELECT id
FROM (
  SELECT 1 AS choice, id, customer_id, epoch FROM _user WHERE folded(email) = folded($2::text)
  UNION ALL
  SELECT 2, id, customer_id, epoch FROM _user WHERE folded(email) = folded($3::text)
  OFFSET 0
) AS u
WHERE customer_id = $1::integer AND epoch IS NOT NULL
ORDER BY choice
LIMIT 1;
