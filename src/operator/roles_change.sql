-- NULL leaves the name, or whether administrators of customers may grant it, as it is.
UPDATE role r
SET name = coalesce($2::text, name), assignable = coalesce($3::boolean, assignable)
WHERE code = $1::text
RETURNING r.id, r.code, r.name, r.assignable, (SELECT count(*) FROM user_has_role h WHERE h.role_id = r.id);
