SELECT r.id, r.code, r.name, r.assignable, (SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id)
FROM role r
WHERE r.code = $1::text;
