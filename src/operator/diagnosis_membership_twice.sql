SELECT 'user ' || user_id || ' role ' || role_id AS example, user_id AS ordinal
FROM user_has_role
WHERE user_id IS NOT NULL AND role_id IS NOT NULL
GROUP BY user_id, role_id
HAVING count(*) > 1;
