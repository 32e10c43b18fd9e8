-- How many users hold a role. If few users of all customers do, looks up each holder; else each user of the customer. A join
-- could read all holders of all customers or, by an old plan, each of them once for each user. The lookup reads the epoch,
-- which is in no index: otherwise such a plan could read a whole index, because it has all columns.
WITH holder AS MATERIALIZED (
  SELECT h.user_id AS id FROM user_has_role h
  WHERE h.role_id = (SELECT r.id FROM role r WHERE r.code = $3::text) LIMIT 2001
)
SELECT CASE
  WHEN (SELECT count(*) FROM holder) <= 2000 THEN (
    SELECT count(*) FROM holder h
    WHERE (
      SELECT u.epoch FROM _user u
      WHERE u.id = h.id AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean)
    ) IS NOT NULL
  )
  ELSE (
    SELECT count(u.id) FROM _user u WHERE u.customer_id = $1::integer AND user_kept()
  )
END;
