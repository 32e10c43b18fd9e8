-- As customer_of_user.sql: an email is unique over all customers. As typed, or else without the blanks at its end. The epoch
-- is in no index of customers: while there are few users, the server would rather read all of such an index, and keep that
-- plan.
SELECT customer_id
FROM (
  SELECT 1 AS choice, customer_id, epoch FROM _user WHERE folded(email) = folded($1::text)
  UNION ALL
  SELECT 2, customer_id, epoch FROM _user WHERE folded(email) = folded($2::text)
  OFFSET 0
) AS u
WHERE epoch IS NOT NULL
ORDER BY choice
LIMIT 1;
