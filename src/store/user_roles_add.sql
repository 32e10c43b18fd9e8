INSERT INTO user_has_role (user_id, role_id)
SELECT DISTINCT u.id, given.id
FROM _user u
CROSS JOIN unnest($3::integer[]) AS given (id)
WHERE u.id = $1::integer AND u.customer_id = $2::integer
ON CONFLICT (user_id, role_id) DO NOTHING;
