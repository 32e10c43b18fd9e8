-- The email as typed, or else without the blanks at its end: as logins look it up and count it.
SELECT id, folded
FROM (
  SELECT 1 AS choice, id, folded(email) AS folded FROM _user WHERE folded(email) = folded($1::text)
  UNION ALL
  SELECT 2, id, folded(email) FROM _user WHERE folded(email) = folded($2::text)
) AS u
ORDER BY choice
LIMIT 1;
