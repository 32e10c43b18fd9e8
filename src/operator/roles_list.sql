SELECT r.id, r.code, r.name, r.assignable, (SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id)
FROM role r
WHERE r.id > $1::bigint
ORDER BY r.id LIMIT $2::bigint;
