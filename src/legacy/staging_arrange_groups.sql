CREATE TEMP TABLE role ON COMMIT DROP AS
SELECT id::bigint AS id, code::text AS code, name::text AS name FROM "group";

CREATE TEMP TABLE user_has_role ON COMMIT DROP AS
SELECT user_id::bigint AS user_id, group_id::bigint AS role_id FROM user_in_group;
