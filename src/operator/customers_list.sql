-- Counted by the index on (customer_id, id), customer by customer, so that a list begins at once.
SELECT c.id, c.name, c.max_user_quota, u.total, u.active
FROM (SELECT id, name, max_user_quota FROM customer WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint) c
CROSS JOIN LATERAL (
  SELECT count(*) AS total, count(*) FILTER (WHERE active) AS active
  FROM _user WHERE customer_id = c.id
) u
ORDER BY c.id;
