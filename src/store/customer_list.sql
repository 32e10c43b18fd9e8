-- Counts the users of all customers of the page at once: a separate count for each customer could read the whole table each
-- time, if PostgreSQL expects every customer to be as large as the largest. As in user_count.sql, uses the counts of blocks
-- if they are maintained.
WITH page AS MATERIALIZED (
  SELECT id, name, max_user_quota
  FROM customer
  WHERE id >= $1::bigint
  ORDER BY id LIMIT $2::bigint OFFSET $3::bigint
), kept AS MATERIALIZED (
  SELECT blocks_counted() AS counted
), counted AS (
  SELECT b.customer_id, sum(b.users) AS users
  FROM user_count b
  WHERE (SELECT counted FROM kept) AND b.customer_id IN (SELECT id FROM page)
  GROUP BY b.customer_id
  UNION ALL
  SELECT u.customer_id, count(u.id)
  FROM _user u
  WHERE (SELECT NOT counted FROM kept) AND u.customer_id IN (SELECT id FROM page)
  GROUP BY u.customer_id
)
SELECT p.id, p.name, p.max_user_quota, coalesce(c.users, 0)
FROM page p LEFT JOIN counted c ON c.customer_id = p.id
ORDER BY p.id;
