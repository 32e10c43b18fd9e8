-- Blocks of ids whose numbers differ from those of their users; rows as in diagnosis_shape.sql.
SELECT 'count-wrong',
  CASE WHEN users_kept <> users_there
    THEN format('customer %s: %s instead of %s from id %s', customer_id, users_kept, users_there, block::bigint << 12)
    ELSE format('customer %s: %s active instead of %s from id %s', customer_id, active_kept, active_there,
                block::bigint << 12)
  END,
  'SELECT public.user_api_recount();'
FROM (
  SELECT customer_id, block, coalesce(c.users, 0) AS users_kept, coalesce(c.active, 0) AS active_kept,
    coalesce(u.users, 0) AS users_there, coalesce(u.active, 0) AS active_there
  FROM (
    SELECT customer_id, block, sum(users) AS users, sum(active) AS active FROM user_count GROUP BY customer_id, block
  ) AS c
  FULL JOIN (
    SELECT customer_id, id >> 12 AS block, count(*) AS users, count(*) FILTER (WHERE active) AS active
    FROM _user
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id, id >> 12
  ) AS u USING (customer_id, block)
) AS compared
WHERE (users_kept, active_kept) <> (users_there, active_there)
ORDER BY customer_id, block;
