-- One row a role, one row with NULLs for a user without roles.
SELECT u.id, u.customer_id, u.email, u.name, u.active, u.epoch, r.id, r.code, r.name, r.assignable
FROM _user u
LEFT JOIN user_has_role h ON h.user_id = u.id
LEFT JOIN role r ON r.id = h.role_id
WHERE u.id = $1::integer AND u.customer_id = $2::integer
ORDER BY r.id;
