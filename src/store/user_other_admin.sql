-- Whether another active user of the customer holds the role admin.
SELECT 1
FROM _user u
JOIN user_has_role h ON h.user_id = u.id
JOIN role r ON r.id = h.role_id
WHERE u.customer_id = $2::integer AND u.id <> $1::integer AND u.active AND r.code = 'admin'
LIMIT 1;
