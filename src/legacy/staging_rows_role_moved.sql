SELECT 'role ' || s.id || ' ' || left(s.code, 60) || ' is ' || r.target_id AS example, s.id AS ordinal
FROM role s JOIN role_place r ON r.id = s.id
WHERE r.target_id <> s.id;
