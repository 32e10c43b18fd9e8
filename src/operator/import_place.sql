-- Rows without an id get ids after the base that import_reserve.sql has found.
INSERT INTO _user (id, email, name, hash, salt, active, customer_id, epoch)
SELECT coalesce(s.id, (current_setting('user_api.import_base')::bigint + s.ordinal)::integer),
  s.email, s.name, s.hash, s.salt, s.active, s.customer_id, s.epoch
FROM ua_operator_import s;

INSERT INTO user_has_role (user_id, role_id)
SELECT coalesce(s.id, (current_setting('user_api.import_base')::bigint + s.ordinal)::integer), held.id
FROM ua_operator_import s
CROSS JOIN unnest(s.roles) AS held (id);
