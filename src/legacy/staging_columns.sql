-- Columns of a layout that are missing, or are neither numbers nor text. A user's `active` may be missing where there
-- are no groups.
SELECT w.relation || '.' || w.name AS example, 0 AS ordinal
FROM (VALUES
  ('create_all', '_user', 'id', 'integer'), ('create_all', '_user', 'email', 'text'),
  ('create_all', '_user', 'name', 'text'), ('create_all', '_user', 'hash', 'text'),
  ('create_all', '_user', 'salt', 'text'), ('create_all', '_user', 'active', 'flag'),
  ('create_all', '_user', 'customer_id', 'integer'),
  ('create_all', 'customer', 'id', 'integer'), ('create_all', 'customer', 'max_user_quota', 'integer'),
  ('create_all', 'role', 'id', 'integer'), ('create_all', 'role', 'code', 'text'),
  ('create_all', 'role', 'name', 'text'),
  ('create_all', 'user_has_role', 'user_id', 'integer'), ('create_all', 'user_has_role', 'role_id', 'integer'),
  ('workbench', 'user', 'id', 'integer'), ('workbench', 'user', 'email', 'text'),
  ('workbench', 'user', 'name', 'text'), ('workbench', 'user', 'hash', 'text'),
  ('workbench', 'user', 'salt', 'text'), ('workbench', 'user', 'active', 'flag'),
  ('workbench', 'group', 'id', 'integer'), ('workbench', 'group', 'code', 'text'),
  ('workbench', 'group', 'name', 'text'),
  ('workbench', 'user_in_group', 'user_id', 'integer'), ('workbench', 'user_in_group', 'group_id', 'integer'),
  ('users_only', 'user', 'id', 'integer'), ('users_only', 'user', 'email', 'text'),
  ('users_only', 'user', 'name', 'text'), ('users_only', 'user', 'hash', 'text'),
  ('users_only', 'user', 'salt', 'text')
) AS w (layout, relation, name, kind)
WHERE w.layout = current_setting('user_api.staging_layout')
  AND NOT EXISTS (
    SELECT 1 FROM information_schema.columns c
    WHERE c.table_schema = current_setting('user_api.staging')
      AND c.table_name = w.relation AND c.column_name = w.name
      AND CASE w.kind
        WHEN 'text' THEN c.data_type IN ('text', 'character varying', 'character')
        WHEN 'flag' THEN c.data_type IN ('boolean', 'smallint', 'integer', 'bigint')
        ELSE c.data_type IN ('smallint', 'integer', 'bigint')
      END
  );
