-- A separate statement after user_lock.sql: from then on, the user's set of roles cannot change. Until the transaction ends,
-- no other one can rename these roles, which would change the token, or change who may grant them.
SELECT r.id
FROM role r
JOIN user_has_role h ON h.role_id = r.id
JOIN _user u ON u.id = h.user_id
WHERE u.id = $1::integer AND u.customer_id = $2::integer
ORDER BY r.id FOR SHARE OF r;
