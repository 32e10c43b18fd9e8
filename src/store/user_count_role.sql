-- How many hold a role. Where few do, of all customers, each of them is looked up by itself: a join may read the whole
-- customer for them.
WITH held AS MATERIALIZED (
  SELECT r.id FROM role r WHERE r.code = $3::text
), holder AS MATERIALIZED (
  SELECT h.user_id AS id FROM user_has_role h WHERE h.role_id = (SELECT id FROM held) LIMIT 2001
)
SELECT CASE
  WHEN (SELECT count(*) FROM holder) <= 2000 THEN (
    SELECT count(*) FROM holder h
    WHERE (
      SELECT u.id FROM _user u
      WHERE u.id = h.id AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
    ) IS NOT NULL
  )
  ELSE (
    SELECT count(u.id)
    FROM user_has_role h JOIN _user u ON u.id = h.user_id
    WHERE h.role_id = (SELECT id FROM held)
      AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
  )
END;
