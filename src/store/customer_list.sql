-- The users are counted by the index on (customer_id, id), of the customers of this page alone.
SELECT c.id, c.name, c.max_user_quota, (SELECT count(u.id) FROM _user u WHERE u.customer_id = c.id)
FROM (
  SELECT id, name, max_user_quota
  FROM customer
  WHERE id >= $1::bigint
  ORDER BY id LIMIT $2::bigint OFFSET $3::bigint
) c
ORDER BY c.id;
