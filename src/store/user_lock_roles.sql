-- After user_lock.sql, as a statement of its own: which roles the user has is settled then. Until the transaction ends
-- nobody renames them, which would change the token, or changes who may grant them.
SELECT r.id
FROM role r
JOIN user_has_role h ON h.role_id = r.id
JOIN _user u ON u.id = h.user_id
WHERE u.id = $1::integer AND u.customer_id = $2::integer
ORDER BY r.id FOR SHARE OF r;
