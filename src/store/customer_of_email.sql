-- As customer_of_user.sql: an email is unique across all customers. The email as typed, or else without trailing blanks. The
-- query reads the epoch because no index of customers has it: while there are few users, the server would otherwise plan to
-- read such an index completely, and keep that plan.
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
