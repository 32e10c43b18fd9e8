-- What is skipped is counted in the index; rows are fetched of the page alone.
SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM _user u
WHERE u.id = ANY (ARRAY(
  SELECT id FROM _user
  WHERE customer_id = $1::integer AND active = $2::boolean AND id >= $3::bigint
  ORDER BY id LIMIT $4::bigint OFFSET $5::bigint
))
ORDER BY u.id;
