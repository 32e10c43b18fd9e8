-- The email as typed, or else without the blanks at its end, as in user_by_email.sql. The customer is looked at last: while
-- there are few users, the server would rather read all of a customer, and keep that plan.
SELECT id
FROM (
  SELECT 1 AS choice, id, customer_id FROM _user WHERE folded(email) = folded($2::text)
  UNION ALL
  SELECT 2, id, customer_id FROM _user WHERE folded(email) = folded($3::text)
  OFFSET 0
) AS u
WHERE customer_id = $1::integer
ORDER BY choice
LIMIT 1;
