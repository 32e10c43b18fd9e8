-- Indexes that differ from what the migrations make; rows as in diagnosis_shape.sql. Those of constraints have the
-- constraint's definition. Definitions are compared without blanks, parentheses, casts and storage options, and without
-- the schema that an extension or our own function is in.
WITH made (code, relation, name, definition) AS (
  VALUES
    ('email', '_user', '_user_lower_email_key',
     'CREATE UNIQUE INDEX _user_lower_email_key ON public._user (folded(email))'),
    ('index', '_user', '_user_customer_id_id_email_name_active_idx',
     'CREATE INDEX _user_customer_id_id_email_name_active_idx ON public._user (customer_id, id)'
     ' INCLUDE (email, name, active)'),
    ('search', '_user', '_user_search_idx',
     'CREATE INDEX _user_search_idx ON public._user USING gin ((customer_id::bigint),'
     ' (searched(email)) gin_trgm_ops,'
     ' (searched(name)) gin_trgm_ops) WITH (gin_pending_list_limit = 256)'),
    ('index', '_user', '_user_active_customer_id_id_idx',
     'CREATE INDEX _user_active_customer_id_id_idx ON public._user (active, customer_id, id)'),
    ('index', 'user_has_role', 'user_has_role_role_id_user_id_idx',
     'CREATE INDEX user_has_role_role_id_user_id_idx ON public.user_has_role (role_id, user_id)'),
    ('index', 'revoked_token', 'revoked_token_expires_at_idx',
     'CREATE INDEX revoked_token_expires_at_idx ON public.revoked_token (expires_at)'),
    ('index', 'revoked_token', 'revoked_token_user_id_idx',
     'CREATE INDEX revoked_token_user_id_idx ON public.revoked_token (user_id)'),
    ('index', 'failed_login', 'failed_login_ends_at_idx',
     'CREATE INDEX failed_login_ends_at_idx ON public.failed_login (ends_at)'),
    ('index', 'user_count', 'user_count_customer_id_block_idx',
     'CREATE INDEX user_count_customer_id_block_idx ON public.user_count (customer_id, block)'),
    ('index', 'event', 'event_customer_id_id_idx',
     'CREATE INDEX event_customer_id_id_idx ON public.event (customer_id, id)'),
    ('index', 'event', 'event_customer_id_kind_id_idx',
     'CREATE INDEX event_customer_id_kind_id_idx ON public.event (customer_id, kind, id)'),
    ('index', 'event', 'event_kind_id_idx', 'CREATE INDEX event_kind_id_idx ON public.event (kind COLLATE "C", id)'),
    ('index', 'event', 'event_user_id_id_idx', 'CREATE INDEX event_user_id_id_idx ON public.event (user_id, id)')
), present AS (
  SELECT t.relname AS relation, c.relname AS name, i.indisunique, i.indkey,
    i.indisvalid AND i.indisready AND i.indislive AS usable,
    EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')) AS of_constraint,
    pg_get_indexdef(i.indexrelid) AS definition,
    regexp_replace(
      regexp_replace(pg_get_indexdef(i.indexrelid), ' USING btree| ONLY(?= public\.event )', '', 'g'),
      '[() ]|::text| WITH \([^)]*\)|("[^"]+"|\w+)\.(?=gin_trgm_ops|user_api_)', '', 'g'
    ) AS compared
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
  WHERE t.relname IN (
    'customer', '_user', 'role', 'user_has_role', 'schema_spec', 'revoked_token', 'failed_login', 'deleted_user',
    'user_count', 'event'
  )
), both_sides AS (
  SELECT m.code, m.name, p.name AS found, p.definition AS found_definition,
    p.compared = regexp_replace(m.definition, '[() ]| WITH \([^)]*\)|public\.(?=user_api_)', '', 'g') AS same,
    CASE
      WHEN m.code = 'search' THEN
        CASE
          WHEN (SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gin')) = 2 THEN ''
          ELSE 'CREATE SCHEMA IF NOT EXISTS user_api_search; GRANT USAGE ON SCHEMA user_api_search TO PUBLIC; '
            || 'CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA user_api_search; '
            || 'CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA user_api_search; '
        END || replace(m.definition, 'gin_trgm_ops', coalesce(home.name, 'user_api_search') || '.gin_trgm_ops')
      ELSE m.definition
    END AS definition
  FROM made m
  LEFT JOIN present p ON p.relation = m.relation AND p.name = m.name
  LEFT JOIN (
    SELECT quote_ident(n.nspname) AS name
    FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
    WHERE o.opcname = 'gin_trgm_ops'
  ) AS home ON true
)
SELECT code || '-missing', name, definition || ';'
FROM both_sides WHERE found IS NULL
UNION ALL
SELECT code || '-changed', found_definition, format('DROP INDEX public.%I; %s;', name, definition)
FROM both_sides WHERE NOT same
UNION ALL
SELECT 'index-invalid', name, format('REINDEX INDEX public.%I;', name)
FROM present
WHERE NOT usable AND (of_constraint OR name IN (SELECT name FROM made))
UNION ALL
SELECT 'index-leftover', name, format('DROP INDEX public.%I;', name)
FROM present
WHERE NOT usable AND NOT of_constraint AND name NOT IN (SELECT name FROM made)
UNION ALL
SELECT 'index-extra', name, ''
FROM present
WHERE usable AND indisunique AND NOT of_constraint AND name NOT IN (SELECT name FROM made)
  AND NOT (relation = '_user' AND definition LIKE '% ON public.\_user USING btree (email)')
ORDER BY 1, 2;
