-- Gives the role named by user_api.service_account its rights, and takes all others from it.
--
-- Sequences matter only if an `id` is serial, as in a database that the original made: an identity column needs no
-- right on its sequence. Triggers act as the owner of their functions. By default every role may call a new function,
-- also one of a dump that was restored without its rights. For a function that an index calls this is necessary,
-- because the server calls it as the role that inserts a user. Only their owners can grant rights on the database and
-- the schema: another role that migrates leaves them as they are.
DO $grants$
DECLARE
  account text := current_setting('user_api.service_account');
  item record;
BEGIN
  IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), account);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), account);
  END IF;
  IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM %I', account);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', account);
  END IF;
  FOR item IN
    SELECT relation, privileges FROM (VALUES
      ('customer',          'SELECT, INSERT, UPDATE, DELETE'),
      ('_user',             'SELECT, INSERT, UPDATE, DELETE'),
      ('role',              'SELECT, INSERT, UPDATE, DELETE'),
      ('user_has_role',     'SELECT, INSERT, DELETE'),
      ('schema_spec',       'SELECT'),
      ('revoked_token',     'SELECT, INSERT, DELETE'),
      ('failed_login',      'SELECT, INSERT, UPDATE, DELETE'),
      ('deleted_user',      NULL),
      ('user_count',        'SELECT'),
      ('event',             'SELECT'),
      ('schema_migrations', NULL)
    ) AS rights (relation, privileges)
    WHERE to_regclass('public.' || relation) IS NOT NULL
  LOOP
    EXECUTE format('REVOKE ALL ON TABLE public.%I FROM %I', item.relation, account);
    IF item.privileges IS NOT NULL THEN
      EXECUTE format('GRANT %s ON TABLE public.%I TO %I', item.privileges, item.relation, account);
    END IF;
  END LOOP;
  FOR item IN
    SELECT oid::regprocedure AS function, proname IN (
      'failed_login_reserve', 'user_api_session_opened', 'user_api_event_months', 'user_api_login_blocked', 'user_api_event_write',
      'user_api_events_final'
    ) AS called, proname = 'user_api_folded_email' AS of_index
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND (proname = 'failed_login_reserve' OR proname LIKE 'user\_api\_%')
  LOOP
    -- A restore without privileges grants them to PUBLIC.
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, %I', item.function, account);
    IF item.of_index THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', item.function);
    ELSIF item.called THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', item.function, account);
    END IF;
  END LOOP;
  FOR item IN
    SELECT pg_get_serial_sequence('public.' || relation, 'id') AS sequence
    FROM unnest(ARRAY['customer', '_user', 'role']) AS t (relation)
    WHERE to_regclass('public.' || relation) IS NOT NULL
  LOOP
    IF item.sequence IS NOT NULL THEN
      EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', item.sequence, account);
    END IF;
  END LOOP;
END
$grants$;
