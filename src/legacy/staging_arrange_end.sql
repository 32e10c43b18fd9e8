-- Roles are the same where their codes are: memberships follow the target's id.
CREATE TEMP TABLE role_place ON COMMIT DROP AS
SELECT s.id, coalesce(p.id, s.id) AS target_id, p.id IS NOT NULL AS present
FROM role s LEFT JOIN public.role p ON p.code = s.code;

CREATE TEMP TABLE membership ON COMMIT DROP AS
SELECT DISTINCT h.user_id, r.target_id AS role_id
FROM user_has_role h JOIN role_place r ON r.id = h.role_id
WHERE h.user_id IS NOT NULL;

ANALYZE customer, _user, role, user_has_role, role_place, membership;
