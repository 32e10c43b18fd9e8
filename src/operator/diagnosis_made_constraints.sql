-- Constraints that differ from what the migrations make; rows as in diagnosis_shape.sql. Definitions are compared without
-- blanks and parentheses. The original's own rule for emails stays until an adopted database is finalized.
WITH made (relation, name, definition) AS (
  VALUES
    ('customer', 'customer_pkey', 'PRIMARY KEY (id)'),
    ('customer', 'customer_max_user_quota_check', 'CHECK (max_user_quota >= 0)'),
    ('_user', '_user_pkey', 'PRIMARY KEY (id)'),
    ('_user', '_user_customer_id_fkey', 'FOREIGN KEY (customer_id) REFERENCES customer (id)'),
    ('role', 'role_pkey', 'PRIMARY KEY (id)'),
    ('role', 'role_code_key', 'UNIQUE (code)'),
    ('user_has_role', 'user_has_role_pkey', 'PRIMARY KEY (user_id, role_id)'),
    ('user_has_role', 'user_has_role_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES _user (id)'),
    ('user_has_role', 'user_has_role_role_id_fkey', 'FOREIGN KEY (role_id) REFERENCES role (id)'),
    ('schema_spec', 'schema_spec_pkey', 'PRIMARY KEY (id)'),
    ('revoked_token', 'revoked_token_pkey', 'PRIMARY KEY (digest)'),
    ('revoked_token', 'revoked_token_user_id_fkey',
     'FOREIGN KEY (user_id) REFERENCES _user (id) ON DELETE CASCADE'),
    ('revoked_token', 'revoked_token_digest_check', 'CHECK (octet_length(digest) = 32)'),
    ('failed_login', 'failed_login_pkey', 'PRIMARY KEY (kind, digest)'),
    ('failed_login', 'failed_login_kind_check',
     'CHECK (kind = ANY (ARRAY[''address''::text, ''account''::text, ''device''::text]))'),
    ('failed_login', 'failed_login_digest_check', 'CHECK (octet_length(digest) = 32)'),
    ('failed_login', 'failed_login_address_check',
     'CHECK ((kind = ''address''::text) = (address IS NOT NULL))'),
    ('failed_login', 'failed_login_failures_check', 'CHECK (failures > 0)'),
    ('failed_login', 'failed_login_allowed_check', 'CHECK (allowed > 0)'),
    ('deleted_user', 'deleted_user_pkey', 'PRIMARY KEY (id)'),
    ('event', 'event_pkey', 'PRIMARY KEY (id, at)')
), present AS (
  SELECT c.relname, o.conname, o.contype, o.convalidated, o.conkey, o.confrelid, o.conrelid,
    replace(pg_get_constraintdef(o.oid), ' NOT VALID', '') AS definition
  FROM pg_constraint o
  JOIN pg_class c ON c.oid = o.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  WHERE c.relname IN (SELECT relation FROM made) AND o.contype NOT IN ('n', 't')
), compared AS (
  SELECT m.*, p.conname, p.convalidated, p.definition AS found,
    regexp_replace(p.definition, '[() ]', '', 'g') = regexp_replace(m.definition, '[() ]', '', 'g') AS same,
    (
      SELECT min(o.conname) FROM present o
      WHERE o.relname = m.relation AND o.conname NOT IN (SELECT name FROM made)
        AND regexp_replace(o.definition, '[() ]', '', 'g') = regexp_replace(m.definition, '[() ]', '', 'g')
    ) AS twin
  FROM made m LEFT JOIN present p ON p.relname = m.relation AND p.conname = m.name
)
SELECT 'constraint-missing', name || coalesce(' (is named ' || twin || ')', ''),
  CASE WHEN twin IS NULL THEN format('ALTER TABLE public.%I ADD CONSTRAINT %I %s;', relation, name, definition)
    ELSE format('ALTER TABLE public.%I RENAME CONSTRAINT %I TO %I;', relation, twin, name) END
FROM compared WHERE conname IS NULL
UNION ALL
SELECT 'constraint-changed', name || ' is ' || found,
  format(
    'ALTER TABLE public.%I DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', relation, name, name, definition
  )
FROM compared WHERE NOT same
UNION ALL
SELECT 'constraint-invalid', name, format('ALTER TABLE public.%I VALIDATE CONSTRAINT %I;', relation, name)
FROM compared WHERE same AND NOT convalidated
UNION ALL
SELECT 'constraint-extra', conname || ' on ' || relname || ': ' || definition, ''
FROM present
WHERE conname NOT IN (SELECT name FROM made)
  AND NOT (relname = '_user' AND definition = 'UNIQUE (email)')
  AND conname NOT IN (SELECT twin FROM compared WHERE conname IS NULL AND twin IS NOT NULL)
UNION ALL
SELECT 'constraint-extra', o.conname || ' on ' || o.conrelid::regclass, ''
FROM pg_constraint o
WHERE o.contype = 'f'
  AND o.confrelid IN (SELECT conrelid FROM present)
  AND o.conrelid NOT IN (SELECT conrelid FROM present);
