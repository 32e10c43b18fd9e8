SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example,
  dense_rank() OVER (ORDER BY folded) * 10000000000 + id AS ordinal
FROM (
  SELECT id, email, folded, count(*) OVER (PARTITION BY folded) AS n
  FROM (SELECT id, email, email_folding() AS folded FROM _user WHERE email IS NOT NULL) AS e
) AS u
WHERE n > 1;
