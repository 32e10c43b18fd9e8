SELECT 'role ' || left(code, 60) AS example, 0 AS ordinal
FROM (SELECT current_setting('user_api.operator_role') AS code) AS setting
WHERE code <> '' AND NOT EXISTS (SELECT 1 FROM role r WHERE r.code = setting.code);
