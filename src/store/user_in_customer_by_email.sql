SELECT id
FROM _user
WHERE customer_id = $1::integer AND folded(email) = folded($2::text);
