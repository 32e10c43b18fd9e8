-- The rights of role $1: one row for each right, with whether the role has it and whether workers need it. They need
-- what grants_apply.sql gives.
SELECT p.privilege || ' on ' || r.relation,
  has_table_privilege($1::name, to_regclass('public.' || r.relation), p.privilege),
  (r.relation, p.privilege) IN (
    ('customer', 'SELECT'), ('customer', 'INSERT'), ('customer', 'UPDATE'), ('customer', 'DELETE'),
    ('_user', 'SELECT'), ('_user', 'INSERT'), ('_user', 'UPDATE'), ('_user', 'DELETE'),
    ('role', 'SELECT'), ('role', 'INSERT'), ('role', 'UPDATE'), ('role', 'DELETE'),
    ('user_has_role', 'SELECT'), ('user_has_role', 'INSERT'), ('user_has_role', 'DELETE'),
    ('schema_spec', 'SELECT'),
    ('revoked_token', 'SELECT'), ('revoked_token', 'INSERT'), ('revoked_token', 'DELETE'),
    ('failed_login', 'SELECT'), ('failed_login', 'INSERT'), ('failed_login', 'UPDATE'), ('failed_login', 'DELETE'),
    ('user_count', 'SELECT'), ('event', 'SELECT')
  )
FROM unnest(ARRAY[
  'customer', '_user', 'role', 'user_has_role', 'schema_spec', 'revoked_token', 'failed_login', 'deleted_user',
  'user_count', 'event', 'schema_migrations'
]) AS r (relation)
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
  AS p (privilege)
WHERE to_regclass('public.' || r.relation) IS NOT NULL
UNION ALL
SELECT 'USAGE on the sequence of ' || t.relation || '.id', has_sequence_privilege($1::name, s.name, 'USAGE'), true
FROM unnest(ARRAY['customer', '_user', 'role']) AS t (relation)
JOIN pg_attrdef d ON d.adrelid = to_regclass('public.' || t.relation)
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
CROSS JOIN pg_get_serial_sequence('public.' || t.relation, 'id') AS s (name)
WHERE a.attname = 'id' AND a.attidentity = '' AND s.name IS NOT NULL
UNION ALL
SELECT 'EXECUTE on ' || p.proname, has_function_privilege($1::name, p.oid, 'EXECUTE'),
  p.proname IN (
    'failed_login_reserve', 'user_api_session_opened', 'user_api_event_months', 'user_api_login_blocked', 'user_api_event_write',
    'user_api_events_final', 'user_api_folded_email'
  )
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
  AND (p.proname = 'failed_login_reserve' OR p.proname LIKE 'user\_api\_%')
UNION ALL
SELECT 'USAGE on schema public', has_schema_privilege($1::name, 'public', 'USAGE'), true
UNION ALL
SELECT 'CONNECT on the database', has_database_privilege($1::name, current_database(), 'CONNECT'), true
UNION ALL
SELECT 'LOGIN', rolcanlogin, true FROM pg_roles WHERE rolname = $1::name
UNION ALL
SELECT 'CREATE on schema public', has_schema_privilege($1::name, 'public', 'CREATE'), false
UNION ALL
SELECT 'CREATE on the database', has_database_privilege($1::name, current_database(), 'CREATE'), false;
