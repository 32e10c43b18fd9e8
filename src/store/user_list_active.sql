-- What is skipped is counted in the index; rows are fetched of the page alone. They have an epoch, which no index has: a plan
-- made while there are few users must not read all of an index because it has all columns.
WITH page AS MATERIALIZED (
  SELECT u.id, u.customer_id, u.email, u.name, u.active, u.epoch
  FROM _user u
  WHERE u.id = ANY (ARRAY(
    SELECT id FROM _user
    WHERE customer_id = $1::integer AND active = $2::boolean AND id >= $3::bigint
    ORDER BY id LIMIT $4::bigint OFFSET $5::bigint
  ))
)
SELECT id, customer_id, email, name, active FROM page ORDER BY id;
