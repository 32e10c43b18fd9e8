-- How many hold a role, by the shortest way: each holder is looked up where there are at most 2000 of all customers, or each
-- user where the customer has at most 2000 and holders are not few; else users and holders are read beside each other, in
-- the order of their ids.
WITH held AS MATERIALIZED (
  SELECT r.id FROM role r WHERE r.code = $3::text
), holder AS MATERIALIZED (
  SELECT h.user_id AS id FROM user_has_role h WHERE h.role_id = (SELECT id FROM held) LIMIT 2001
), few AS MATERIALIZED (
  SELECT (SELECT count(*) FROM holder) > 128 AND (
    SELECT u.id FROM _user u WHERE u.customer_id = $1::integer ORDER BY u.id LIMIT 1 OFFSET 2000
  ) IS NULL AS them
)
SELECT CASE
  WHEN (SELECT them FROM few) THEN (
    SELECT count(u.id) FROM _user u WHERE u.customer_id = $1::integer AND user_kept()
  )
  WHEN (SELECT count(*) FROM holder) <= 2000 THEN (
    SELECT count(*) FROM holder h
    WHERE (
      SELECT u.id FROM _user u
      WHERE u.id = h.id AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
    ) IS NOT NULL
  )
  ELSE (
    SELECT count(*)
    FROM (
      SELECT u.id FROM _user u
      WHERE u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
      ORDER BY u.id OFFSET 0
    ) AS own
    JOIN (
      SELECT h.user_id FROM user_has_role h WHERE h.role_id = (SELECT id FROM held) ORDER BY h.user_id OFFSET 0
    ) AS holding ON holding.user_id = own.id
  )
END;
