-- $2: the new name, NULL: none; $3: whether there is a new quota, which $4 is.
WITH changed AS (
  UPDATE customer SET name = coalesce($2::text, name),
    max_user_quota = CASE WHEN $3::boolean THEN $4::integer ELSE max_user_quota END
  WHERE id = $1::integer
  RETURNING id, name, max_user_quota
)
SELECT c.id, c.name, c.max_user_quota, u.total, u.active
FROM changed c
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE active) AS active
  FROM _user WHERE customer_id = c.id
) u;
