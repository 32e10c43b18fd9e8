UPDATE role r
SET name = $2::text
WHERE code = $1::text
RETURNING r.id, r.code, r.name, (SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id);
