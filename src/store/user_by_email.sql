-- For logins only: an email is unique across all customers. $1 is the email as typed, $2 without trailing blanks; the first
-- one that a user has is used, and both are always looked up. Also returns a row if no user has either: failed logins are
-- counted by the user's email or, without a user, by $2, so adding blanks gives no extra attempts.
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
