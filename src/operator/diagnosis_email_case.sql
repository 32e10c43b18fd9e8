SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example,
  dense_rank() OVER (ORDER BY folded) * 10000000000 + id AS ordinal
FROM (
  SELECT id, email, folded(email) AS folded, count(*) OVER (PARTITION BY folded(email)) AS n
  FROM _user WHERE email IS NOT NULL
) AS u
WHERE n > 1;
