SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM _user u
WHERE u.customer_id = $1::integer AND u.id >= $2::bigint
ORDER BY u.id LIMIT $3::bigint OFFSET $4::bigint;
