-- Whether the columns exist that all other checks read.
SELECT w.relation || '.' || w.name AS example, 0 AS ordinal
FROM (VALUES
  ('customer', 'id', 'integer'), ('customer', 'max_user_quota', 'integer'),
  ('_user', 'id', 'integer'), ('_user', 'email', 'text'), ('_user', 'name', 'text'),
  ('_user', 'hash', 'text'), ('_user', 'salt', 'text'), ('_user', 'active', 'boolean'),
  ('_user', 'customer_id', 'integer'),
  ('role', 'id', 'integer'), ('role', 'code', 'text'), ('role', 'name', 'text'),
  ('user_has_role', 'user_id', 'integer'), ('user_has_role', 'role_id', 'integer'),
  ('schema_spec', 'id', 'integer'), ('schema_spec', 'version', 'any')
) AS w (relation, name, kind)
WHERE NOT EXISTS (
  SELECT 1 FROM information_schema.columns c
  WHERE c.table_schema = 'public' AND c.table_name = w.relation AND c.column_name = w.name
    AND (w.kind = 'any' OR c.data_type = w.kind OR (w.kind = 'text' AND c.data_type = 'character varying'))
);
