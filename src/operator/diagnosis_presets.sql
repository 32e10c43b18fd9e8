-- Presets for the sessions of role $1 in this database that are wrong; rows as in diagnosis_shape.sql. A setting of the
-- server is visible only if it is not preset for the current role. Ignores what this session has set itself.
WITH preset AS (
  SELECT nullif(p.setrole, 0) AS role, nullif(p.setdatabase, 0) AS database,
    split_part(s.setting, '=', 1) AS name, substr(s.setting, strpos(s.setting, '=') + 1) AS value
  FROM pg_db_role_setting p
  CROSS JOIN unnest(p.setconfig) AS s (setting)
  WHERE p.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND (p.setrole = 0 OR p.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1::name))
), judged AS (
  SELECT *, CASE
    WHEN name = 'session_replication_role' AND value = 'replica' THEN 'account-settings'
    WHEN name = 'role' AND value NOT IN ('none', $1::text) THEN 'account-settings'
    WHEN name = 'default_transaction_read_only' AND value NOT IN ('off', 'false', 'no', '0')
      THEN 'account-read-only'
  END AS code
  FROM preset
  ORDER BY 5
), path (entry, position) AS (
  SELECT replace(trim(both ' "' FROM entry), '$user', $1::text), position
  FROM unnest(string_to_array(
    coalesce(
      (SELECT value FROM preset WHERE name = 'search_path'
       ORDER BY role IS NULL, database IS NULL LIMIT 1),
      '"$user", public'
    ), ','
  )) WITH ORDINALITY AS e (entry, position)
)
SELECT code, name || '=' || value,
  CASE WHEN code = 'account-read-only' THEN 'SET default_transaction_read_only = off; ' ELSE '' END || CASE
    WHEN role IS NOT NULL AND database IS NOT NULL
      THEN format('ALTER ROLE %I IN DATABASE %I RESET %I;', $1::name, current_database(), name)
    WHEN role IS NOT NULL THEN format('ALTER ROLE %I RESET %I;', $1::name, name)
    WHEN database IS NOT NULL THEN format('ALTER DATABASE %I RESET %I;', current_database(), name)
    ELSE format('ALTER ROLE ALL RESET %I;', name)
  END
FROM judged WHERE code IS NOT NULL
UNION ALL
SELECT CASE name WHEN 'session_replication_role' THEN 'account-settings' ELSE 'account-read-only' END,
  name || '=' || reset_val || ', for the server',
  format('ALTER SYSTEM RESET %I; SELECT pg_reload_conf();', name)
FROM pg_settings
WHERE source IN ('configuration file', 'command line', 'session')
  AND (name, reset_val) IN (('session_replication_role', 'replica'), ('default_transaction_read_only', 'on'))
  AND NOT EXISTS (
    SELECT FROM pg_db_role_setting p
    CROSS JOIN unnest(p.setconfig) AS s (setting)
    WHERE split_part(s.setting, '=', 1) = name
      AND p.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND p.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
  )
UNION ALL
SELECT 'table-shadowed', format('%I.%I', n.nspname, c.relname),
  format('ALTER ROLE %I IN DATABASE %I SET search_path = public;', $1::name, current_database())
FROM path p
JOIN pg_namespace n ON n.nspname = p.entry
JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
WHERE p.position < coalesce((SELECT min(position) FROM path WHERE entry = 'public'), 9223372036854775807)
  AND n.nspname <> 'public'
  AND c.relname IN ('customer', '_user', 'role', 'user_has_role', 'schema_spec', 'revoked_token', 'failed_login')
UNION ALL
SELECT 'database-encoding', pg_encoding_to_char(encoding), ''
FROM pg_database
WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8';
