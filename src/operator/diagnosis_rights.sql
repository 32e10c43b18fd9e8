-- What role $1 may do: one row a right, with whether it is held and whether workers need it. They need what
-- grants_apply.sql gives.
SELECT p.privilege || ' on ' || r.relation,
  has_table_privilege($1::name, to_regclass('public.' || r.relation), p.privilege),
  (r.relation, p.privilege) IN (
    ('customer', 'SELECT'),
    ('_user', 'SELECT'), ('_user', 'INSERT'), ('_user', 'UPDATE'),
    ('role', 'SELECT'),
    ('user_has_role', 'SELECT'), ('user_has_role', 'INSERT'), ('user_has_role', 'DELETE'),
    ('schema_spec', 'SELECT'),
    ('revoked_token', 'SELECT'), ('revoked_token', 'INSERT'), ('revoked_token', 'DELETE')
  )
FROM unnest(ARRAY['customer', '_user', 'role', 'user_has_role', 'schema_spec', 'revoked_token', 'schema_migrations'])
  AS r (relation)
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
  AS p (privilege)
WHERE to_regclass('public.' || r.relation) IS NOT NULL
UNION ALL
SELECT 'UPDATE (id) on customer', has_column_privilege($1::name, 'public.customer', 'id', 'UPDATE'), true
UNION ALL
SELECT 'USAGE on the sequence of _user.id',
  has_sequence_privilege($1::name, pg_get_serial_sequence('public._user', 'id'), 'USAGE'), true
FROM pg_attrdef d
JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = 'public._user'::regclass AND a.attname = 'id' AND a.attidentity = ''
  AND pg_get_serial_sequence('public._user', 'id') IS NOT NULL
UNION ALL
SELECT 'USAGE on schema public', has_schema_privilege($1::name, 'public', 'USAGE'), true
UNION ALL
SELECT 'CONNECT on the database', has_database_privilege($1::name, current_database(), 'CONNECT'), true
UNION ALL
SELECT 'LOGIN', rolcanlogin, true FROM pg_roles WHERE rolname = $1::name
UNION ALL
SELECT 'UPDATE (max_user_quota) on customer',
  has_column_privilege($1::name, 'public.customer', 'max_user_quota', 'UPDATE')
    AND NOT has_table_privilege($1::name, 'public.customer', 'UPDATE'),
  false
UNION ALL
SELECT 'CREATE on schema public', has_schema_privilege($1::name, 'public', 'CREATE'), false
UNION ALL
SELECT 'CREATE on the database', has_database_privilege($1::name, current_database(), 'CREATE'), false;
