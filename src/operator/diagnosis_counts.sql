-- Blocks of ids whose number is not that of their users; rows as in diagnosis_shape.sql.
SELECT 'count-wrong',
  format('customer %s: %s instead of %s from id %s', customer_id, coalesce(c.users, 0), coalesce(u.users, 0),
         block::bigint << 12),
  'SELECT public.user_api_recount();'
FROM (SELECT customer_id, block, sum(users) AS users FROM user_count GROUP BY customer_id, block) AS c
FULL JOIN (
  SELECT customer_id, id >> 12 AS block, count(*) AS users
  FROM _user
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id, id >> 12
) AS u USING (customer_id, block)
WHERE coalesce(c.users, 0) <> coalesce(u.users, 0)
ORDER BY customer_id, block;
