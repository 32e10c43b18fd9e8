SELECT u.id, u.customer_id, u.email, u.name, u.active
FROM _user u
WHERE user_filter() AND u.id >= $6::bigint
ORDER BY u.id LIMIT $7::bigint OFFSET $8::bigint;
