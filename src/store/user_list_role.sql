-- A page of the users who hold a role. If that would need reading every user of a large customer, returns one row of NULLs
-- instead. First reads as many users as the page may hold, at least 128: they fill the page if the role is common. Then
-- looks up the next 2000 holders, of any customer, or reads all other users, if they are at most 1400 and the holders more
-- than 128. Each holder has a lookup of its own: a join may read the whole customer. The lookup reads the epoch, which is in
-- no index: otherwise a plan made while there are few users could read a whole index, because it has all columns.
WITH held AS MATERIALIZED (
  SELECT r.id FROM role r WHERE r.code = $3::text
), head AS MATERIALIZED (
  SELECT u.id, u.email, u.name, u.active, user_kept() AS fits
  FROM _user u
  WHERE u.customer_id = $1::integer AND u.id >= $4::bigint
  ORDER BY u.id LIMIT greatest(128, least(1001, $5::bigint + $6::bigint))
), rest AS MATERIALIZED (
  SELECT max(id) AS low, $5::bigint + $6::bigint - count(*) FILTER (WHERE fits) AS missing FROM head
  HAVING count(*) >= 128 AND count(*) FILTER (WHERE fits) < $5::bigint + $6::bigint
), holder AS MATERIALIZED (
  SELECT h.user_id AS id
  FROM user_has_role h
  WHERE h.role_id = (SELECT id FROM held) AND h.user_id > (SELECT low FROM rest)
  ORDER BY h.user_id LIMIT 2001
), few AS MATERIALIZED (
  SELECT (SELECT count(*) FROM holder) > 128 AND (
    SELECT u.id FROM _user u
    WHERE u.customer_id = $1::integer AND u.id > rest.low
    ORDER BY u.id LIMIT 1 OFFSET 1400
  ) IS NULL AS them
  FROM rest
), next AS MATERIALIZED (
  SELECT u.id, u.email, u.name, u.active
  FROM _user u
  WHERE (SELECT them FROM few)
    AND u.customer_id = $1::integer AND u.id > (SELECT low FROM rest)
    AND user_kept()
  ORDER BY u.id LIMIT (SELECT missing FROM rest)
), looked_up AS MATERIALIZED (
  SELECT s.id, s.email, s.name, s.active, s.epoch
  FROM holder h
  CROSS JOIN LATERAL (
    SELECT u.id, u.email, u.name, u.active, u.epoch FROM _user u
    WHERE u.id = h.id AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
    LIMIT 1
  ) AS s
  WHERE (SELECT NOT them FROM few)
), unfinished AS (
  SELECT 1 FROM few
  WHERE NOT them AND (SELECT count(*) FROM holder) > 2000
    AND (SELECT count(*) FROM looked_up) < (SELECT missing FROM rest)
), found AS MATERIALIZED (
  SELECT id, email, name, active FROM head WHERE fits
  UNION ALL
  SELECT id, email, name, active FROM next
  UNION ALL
  SELECT id, email, name, active FROM looked_up
  ORDER BY id LIMIT $5::bigint OFFSET $6::bigint
)
SELECT id, $1::integer AS customer_id, email, name, active FROM found WHERE NOT EXISTS (SELECT 1 FROM unfinished)
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL FROM unfinished
ORDER BY id;
