-- Login only: an email is unique over all customers. $1 is the email as typed, $2 without the blanks at its end; the first
-- that a user has counts, and both are looked up, whoever has them. One row also where no user has either: failed logins
-- are counted by the email of the user, or by the one without blanks, so that blanks are worth no attempt.
SELECT coalesce(u.folded, folded($2::text)), u.id, u.customer_id, u.active, u.epoch, u.hash, u.salt
FROM (VALUES (1)) AS always (row)
LEFT JOIN (
  SELECT 1 AS choice, folded(email) AS folded, id, customer_id, active, epoch, hash, salt
  FROM _user
  WHERE folded(email) = folded($1::text)
  UNION ALL
  SELECT 2, folded(email), id, customer_id, active, epoch, hash, salt
  FROM _user
  WHERE folded(email) = folded($2::text)
  ORDER BY choice
  LIMIT 1
) AS u ON true;
