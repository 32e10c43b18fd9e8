SELECT 'user ' || h.user_id || ' role ' || left(r.code, 60) AS example, h.user_id AS ordinal
FROM role r JOIN user_has_role h ON h.role_id = r.id
WHERE NOT r.assignable OR r.code = current_setting('user_api.operator_role');
