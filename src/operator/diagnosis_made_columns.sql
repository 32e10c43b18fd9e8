-- Columns that differ from what the migrations make; rows as in diagnosis_shape.sql. Identity and the original's serial
-- both give ids. Ignores other columns, as long as rows can be inserted without them.
WITH made (relation, name, type, required, preset) AS (
  VALUES
    ('customer', 'id', 'integer', true, NULL),
    ('customer', 'max_user_quota', 'integer', false, NULL),
    ('customer', 'name', 'character varying(255)', false, NULL),
    ('_user', 'id', 'integer', true, NULL),
    ('_user', 'email', 'character varying(255)', true, NULL),
    ('_user', 'name', 'character varying(255)', true, NULL),
    ('_user', 'hash', 'character varying(255)', true, NULL),
    ('_user', 'salt', 'character varying(255)', true, NULL),
    ('_user', 'active', 'boolean', true, 'true'),
    ('_user', 'customer_id', 'integer', true, NULL),
    ('_user', 'epoch', 'integer', true, '0'),
    ('_user', 'created_at', 'timestamp with time zone', false, 'now()'),
    ('role', 'id', 'integer', true, NULL),
    ('role', 'code', 'character varying(255)', true, NULL),
    ('role', 'name', 'character varying(255)', true, NULL),
    ('role', 'assignable', 'boolean', true, 'true'),
    ('user_has_role', 'user_id', 'integer', true, NULL),
    ('user_has_role', 'role_id', 'integer', true, NULL),
    ('schema_spec', 'id', 'integer', true, NULL),
    ('schema_spec', 'version', 'character varying(255)', true, NULL),
    ('revoked_token', 'digest', 'bytea', true, NULL),
    ('revoked_token', 'user_id', 'integer', true, NULL),
    ('revoked_token', 'expires_at', 'timestamp with time zone', true, NULL),
    ('failed_login', 'kind', 'text', true, NULL),
    ('failed_login', 'digest', 'bytea', true, NULL),
    ('failed_login', 'user_id', 'integer', false, NULL),
    ('failed_login', 'address', 'inet', false, NULL),
    ('failed_login', 'failures', 'integer', true, NULL),
    ('failed_login', 'allowed', 'integer', true, NULL),
    ('failed_login', 'ends_at', 'timestamp with time zone', true, NULL),
    ('failed_login', 'recorded', 'timestamp with time zone', false, NULL),
    ('event', 'id', 'bigint', true, NULL),
    ('event', 'at', 'timestamp with time zone', true, NULL),
    ('event', 'kind', 'text', true, NULL),
    ('event', 'customer_id', 'integer', false, NULL),
    ('event', 'actor_id', 'integer', false, NULL),
    ('event', 'actor_name', 'text', false, NULL),
    ('event', 'user_id', 'integer', false, NULL),
    ('event', 'user_name', 'text', false, NULL),
    ('event', 'address', 'text', false, NULL),
    ('event', 'request_id', 'text', false, NULL),
    ('event', 'data', 'jsonb', true, NULL),
    ('deleted_user', 'id', 'integer', true, NULL),
    ('deleted_user', 'epoch', 'integer', true, NULL),
    ('user_count', 'customer_id', 'integer', true, NULL),
    ('user_count', 'block', 'integer', true, NULL),
    ('user_count', 'users', 'integer', true, NULL),
    ('user_count', 'active', 'integer', true, NULL)
), present AS (
  SELECT a.attrelid, c.relname, a.attname, a.attnotnull, a.attidentity, a.attgenerated, a.atthasdef,
    pg_get_expr(d.adbin, d.adrelid) AS expression,
    format_type(a.atttypid, a.atttypmod)
      || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || l.collname ELSE '' END AS type
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped
)
SELECT 'column-missing', m.relation || '.' || m.name,
  CASE WHEN m.required AND m.preset IS NULL THEN ''
    WHEN m.required
      THEN format('ALTER TABLE public.%I ADD COLUMN %I %s NOT NULL DEFAULT %s;', m.relation, m.name, m.type, m.preset)
    ELSE format('ALTER TABLE public.%I ADD COLUMN %I %s;', m.relation, m.name, m.type)
      || coalesce(format(' ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT ', m.relation, m.name) || m.preset || ';', '')
  END
FROM made m
WHERE NOT EXISTS (SELECT 1 FROM present p WHERE p.relname = m.relation AND p.attname = m.name)
UNION ALL
SELECT 'column-type', m.relation || '.' || m.name || ' is ' || p.type,
  format('ALTER TABLE public.%I ALTER COLUMN %I TYPE %s;', m.relation, m.name, m.type)
FROM made m JOIN present p ON p.relname = m.relation AND p.attname = m.name
WHERE p.type <> m.type
UNION ALL
SELECT 'column-null', m.relation || '.' || m.name,
  format('ALTER TABLE public.%I ALTER COLUMN %I SET NOT NULL;', m.relation, m.name)
FROM made m JOIN present p ON p.relname = m.relation AND p.attname = m.name
WHERE m.required AND NOT p.attnotnull
UNION ALL
SELECT 'column-default', m.relation || '.' || m.name || ' has ' || coalesce(p.expression, 'none'),
  CASE WHEN p.attgenerated <> '' THEN format('ALTER TABLE public.%I ALTER COLUMN %I DROP EXPRESSION;', m.relation, m.name)
    WHEN m.preset IS NULL THEN format('ALTER TABLE public.%I ALTER COLUMN %I DROP DEFAULT;', m.relation, m.name)
    ELSE format('ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT %s;', m.relation, m.name, m.preset) END
FROM made m JOIN present p ON p.relname = m.relation AND p.attname = m.name
WHERE p.attgenerated <> '' OR (m.preset IS NOT NULL AND p.expression IS DISTINCT FROM m.preset)
UNION ALL
SELECT 'column-extra', p.relname || '.' || p.attname,
  format('ALTER TABLE public.%I ALTER COLUMN %I DROP NOT NULL;', p.relname, p.attname)
FROM present p
WHERE p.relname IN (SELECT relation FROM made) AND p.attnotnull AND NOT p.atthasdef AND p.attidentity = ''
  AND NOT EXISTS (SELECT 1 FROM made m WHERE m.relation = p.relname AND m.name = p.attname);
