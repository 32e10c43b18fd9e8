-- As user_list.sql, for pages far behind the first one: the counts of the customer's blocks show in which block the page
-- begins. Only users of that block are skipped in the index. If the counts are not maintained, all skipped users are counted
-- in the index.
WITH way AS MATERIALIZED (
  SELECT blocks_counted() AS by_blocks
), skipped AS MATERIALIZED (
  -- How many users of the customer come before the page: the offset, and those before the first id.
  SELECT $4::bigint
    + (SELECT coalesce(sum(users), 0)::bigint FROM user_count
       WHERE customer_id = $1::integer AND block < ($2::bigint >> 12))
    + (SELECT count(id) FROM _user
       WHERE customer_id = $1::integer AND id >= ($2::bigint >> 12) << 12 AND id < $2::bigint) AS users
  FROM way WHERE by_blocks
), start AS MATERIALIZED (
  (
    SELECT b.block::bigint << 12 AS low, s.users - (b.up_to - b.users) AS skip
    FROM skipped s,
      LATERAL (
        SELECT block, sum(users)::bigint AS users, (sum(sum(users)) OVER (ORDER BY block))::bigint AS up_to
        FROM user_count
        WHERE customer_id = $1::integer
        GROUP BY block
      ) AS b
    WHERE b.up_to > s.users
    ORDER BY b.block LIMIT 1
  )
  UNION ALL
  SELECT $2::bigint, $4::bigint FROM way WHERE NOT by_blocks
)
SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM _user u
WHERE u.customer_id = $1::integer AND u.id >= (SELECT low FROM start)
ORDER BY u.id LIMIT $3::bigint OFFSET (SELECT skip FROM start);
