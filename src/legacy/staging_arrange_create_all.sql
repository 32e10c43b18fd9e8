-- The staging schema is the search path: a table is found there until the temporary one of its name hides it.
CREATE TEMP TABLE customer ON COMMIT DROP AS
SELECT id::bigint AS id, max_user_quota::bigint AS max_user_quota FROM customer;

CREATE TEMP TABLE _user ON COMMIT DROP AS
SELECT id::bigint AS id, email::text AS email, name::text AS name, hash::text AS hash, salt::text AS salt,
  active::integer <> 0 AS active, customer_id::bigint AS customer_id
FROM _user;

CREATE TEMP TABLE role ON COMMIT DROP AS
SELECT id::bigint AS id, code::text AS code, name::text AS name FROM role;

CREATE TEMP TABLE user_has_role ON COMMIT DROP AS
SELECT user_id::bigint AS user_id, role_id::bigint AS role_id FROM user_has_role;
