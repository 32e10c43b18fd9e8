SELECT 'role ' || id || ' ' || left(code, 60) AS example, id AS ordinal
FROM role
WHERE assignable AND code <> current_setting('user_api.operator_role')
  AND 1 < (
    SELECT count(DISTINCT u.customer_id)
    FROM _user u JOIN user_has_role h ON h.user_id = u.id JOIN role r ON r.id = h.role_id
    WHERE u.active AND r.code = 'admin'
  );
