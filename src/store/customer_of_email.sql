-- As customer_of_user.sql: an email is unique over all customers. As typed, or else without the blanks at its end.
SELECT customer_id
FROM (
  SELECT 1 AS choice, customer_id FROM _user WHERE folded(email) = folded($1::text)
  UNION ALL
  SELECT 2, customer_id FROM _user WHERE folded(email) = folded($2::text)
) AS u
ORDER BY choice
LIMIT 1;
