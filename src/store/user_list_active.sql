-- Skipped users are counted in the index; only the page's rows are fetched. The query reads the epoch, which is in no index:
-- otherwise a plan made while there are few users could read a whole index, because it has all columns.
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
