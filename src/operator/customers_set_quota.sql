WITH changed AS (
  UPDATE customer SET max_user_quota = $2::integer
  WHERE id = $1::integer
  RETURNING id, max_user_quota
)
SELECT c.id, c.max_user_quota, u.total, u.active
FROM changed c
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE active) AS active
  FROM _user WHERE customer_id = c.id
) u;
