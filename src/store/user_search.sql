-- A page of a search. If that would need reading every user of a large customer, returns one row of NULLs instead. First
-- reads as many users as the page may hold, at least 128: they fill the page if the pattern is common. Then reads all other
-- users if they are at most 1400, or the next 3000 if they will probably fill the page, or at most 5000 that the index
-- finds. For the latter the query reads the epoch, which is in no index: otherwise a plan made while there are few users
-- could read a whole index, because it has all columns.
WITH head AS MATERIALIZED (
  SELECT u.id, u.email, u.name, u.active, user_patterns() AND user_kept() AS fits
  FROM _user u
  WHERE u.customer_id = $1::integer AND u.id >= $8::bigint
  ORDER BY u.id LIMIT greatest(128, least(1001, $9::bigint + $10::bigint))
), rest AS MATERIALIZED (
  SELECT max(id) AS low, $9::bigint + $10::bigint - count(*) FILTER (WHERE fits) AS missing FROM head
  HAVING count(*) >= 128 AND count(*) FILTER (WHERE fits) < $9::bigint + $10::bigint
), few AS MATERIALIZED (
  SELECT (
    SELECT u.id FROM _user u
    WHERE u.customer_id = $1::integer AND u.id > rest.low
    ORDER BY u.id LIMIT 1 OFFSET 1400
  ) IS NULL AS them
  FROM rest
), sample AS MATERIALIZED user_search_sample(), ahead AS MATERIALIZED (
  SELECT count(*) >= 64 AND count(*) FILTER (WHERE fits) * 3000 >= (SELECT missing FROM rest) * count(*) AS enough
  FROM sample
), next AS MATERIALIZED (
  SELECT s.id, s.email, s.name, s.active
  FROM (
    SELECT u.id, u.email, u.name, u.active, user_patterns() AND user_kept() AS fits
    FROM _user u
    WHERE ((SELECT them FROM few) OR (SELECT enough FROM ahead))
      AND u.customer_id = $1::integer AND u.id > (SELECT low FROM rest)
    ORDER BY u.id LIMIT 3000
  ) AS s
  WHERE s.fits LIMIT (SELECT missing FROM rest)
), others AS MATERIALIZED (
  SELECT NOT few.them AND (SELECT count(*) FROM next) < rest.missing AS wanted FROM few, rest
), way AS MATERIALIZED user_search_way(), indexed AS MATERIALIZED (
  SELECT u.id, u.email, u.name, u.active, u.epoch,
    u.id > (SELECT low FROM rest) AND user_patterns() AND user_kept() AS fits
  FROM _user u
  WHERE (SELECT wanted FROM others) AND (SELECT by_index FROM way) AND user_indexed()
  LIMIT 5001
), found AS MATERIALIZED (
  SELECT id, email, name, active FROM head WHERE fits
  UNION
  SELECT id, email, name, active FROM next
  UNION
  SELECT id, email, name, active FROM indexed WHERE fits
  ORDER BY id LIMIT $9::bigint OFFSET $10::bigint
)
SELECT id, $1::integer AS customer_id, email, name, active FROM found
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL FROM others
WHERE CASE WHEN wanted THEN NOT (SELECT by_index FROM way) OR (SELECT count(*) FROM indexed) > 5000 END
ORDER BY id;
