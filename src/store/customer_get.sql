-- Users are counted as in user_count.sql.
SELECT c.id, c.name, c.max_user_quota,
  CASE
    WHEN blocks_counted() THEN (SELECT coalesce(sum(users), 0) FROM user_count WHERE customer_id = $1::integer)
    ELSE (SELECT count(id) FROM _user WHERE customer_id = $1::integer)
  END
FROM customer c
WHERE c.id = $1::integer;
