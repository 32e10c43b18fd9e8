UPDATE role r
SET assignable = $2::boolean
WHERE code = $1::text
RETURNING r.id, r.code, r.name, r.assignable, (SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id);
