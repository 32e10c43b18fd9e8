CREATE TEMP TABLE role (id bigint, code text, name text) ON COMMIT DROP;
CREATE TEMP TABLE user_has_role (user_id bigint, role_id bigint) ON COMMIT DROP;
