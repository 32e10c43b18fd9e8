SELECT c.id, c.name, c.max_user_quota, u.total, u.active
FROM customer c
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE active) AS active
  FROM _user WHERE customer_id = c.id
) u
WHERE c.id = $1::integer;
