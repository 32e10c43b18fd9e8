-- The version of the schema, and the problems that make answers wrong although the database answers; NULL for none. It runs
-- every few seconds, so it reads only one row and catalogs. A sequence that is behind is not a problem here, because logins
-- and guards still work: a failed registration logs it, and user-api-admin doctor finds it earlier.
SELECT (SELECT version FROM schema_spec ORDER BY id DESC LIMIT 1),
  (
    WITH found AS (
      SELECT c.oid, c.relname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public'
        AND c.relname IN (
          'customer', '_user', 'role', 'user_has_role', 'revoked_token', 'failed_login', 'deleted_user',
          'user_count', 'event'
        )
    ), called (name, oid) AS (
      SELECT f.name, to_regprocedure('public.' || f.name || f.arguments)
      FROM (
        VALUES ('failed_login_reserve', '(text[],bytea[],integer[],inet[],integer[],integer)'),
          ('user_api_session_opened', '(integer,integer,integer)'), ('user_api_event_months', '(integer,integer)'),
          ('user_api_login_blocked', '(text[],bytea[],integer[])'),
          ('user_api_event_write', '(text,integer,integer,jsonb)'), ('user_api_events_final', '()'),
          ('user_api_folded_email', '(text)')
      ) AS f (name, arguments)
    )
    SELECT string_agg(problem, ', ')
    FROM (
      SELECT 'no table ' || name AS problem
      FROM unnest(ARRAY[
        'customer', '_user', 'role', 'user_has_role', 'revoked_token', 'failed_login', 'deleted_user',
        'user_count', 'event'
      ]) AS needed (name)
      WHERE name NOT IN (SELECT found.name FROM found)
      UNION ALL
      SELECT 'row-level security on ' || name
      FROM found
      WHERE row_security_active(oid)
      UNION ALL
      SELECT 'no valid primary key on ' || name
      FROM found
      WHERE name <> 'user_count' AND NOT EXISTS (
        SELECT 1 FROM pg_index i
        WHERE i.indrelid = found.oid AND i.indisprimary AND i.indisvalid AND i.indisready
      )
      UNION ALL
      SELECT 'no valid unique index _user_lower_email_key'
      WHERE NOT EXISTS (
        SELECT 1 FROM pg_index i
        WHERE i.indexrelid = to_regclass('public._user_lower_email_key')
          AND i.indisunique AND i.indisvalid AND i.indisready
      )
      UNION ALL
      SELECT 'no right to ' || n.privilege || ' on ' || name
      FROM (
        VALUES ('customer', 'SELECT'), ('customer', 'INSERT'), ('customer', 'UPDATE'), ('customer', 'DELETE'),
          ('_user', 'SELECT'), ('_user', 'INSERT'), ('_user', 'UPDATE'), ('_user', 'DELETE'),
          ('role', 'SELECT'), ('role', 'INSERT'), ('role', 'UPDATE'), ('role', 'DELETE'),
          ('user_has_role', 'SELECT'), ('user_has_role', 'INSERT'), ('user_has_role', 'DELETE'),
          ('revoked_token', 'SELECT'), ('revoked_token', 'INSERT'), ('revoked_token', 'DELETE'),
          ('failed_login', 'SELECT'), ('failed_login', 'INSERT'), ('failed_login', 'UPDATE'), ('failed_login', 'DELETE'),
          ('user_count', 'SELECT'), ('event', 'SELECT')
      ) AS n (relation, privilege)
      JOIN found ON name = n.relation
      WHERE NOT has_table_privilege(oid, n.privilege)
      UNION ALL
      SELECT 'no function ' || name
      FROM called
      WHERE oid IS NULL
      UNION ALL
      SELECT 'no right to EXECUTE ' || name
      FROM called
      WHERE NOT has_function_privilege(oid, 'EXECUTE')
      UNION ALL
      SELECT 'session triggers missing or disabled'
      WHERE NOT armed()
      UNION ALL
      SELECT 'session_replication_role is replica: foreign keys are off'
      WHERE current_setting('session_replication_role') = 'replica'
    ) AS p
  );
