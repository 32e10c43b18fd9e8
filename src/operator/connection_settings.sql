-- While an ACCESS EXCLUSIVE lock waits, every later reader waits, too: better to fail and try again.
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET search_path = public;
SET client_min_messages = error;
-- Overrides presets of the server, the database or the role. Does not set what is right already: only a superuser may
-- set session_replication_role, and servers before 14 or 17 do not know all settings. row_security: a policy that would
-- hide rows fails the statement, instead of exporting or counting only some rows. gin_fuzzy_search_limit: a search
-- finds all users.
SELECT pg_catalog.set_config(s.name, s.value, false)
FROM (VALUES
  ('statement_timeout', '0'),
  ('idle_session_timeout', '0'),
  ('transaction_timeout', '0'),
  ('default_transaction_isolation', 'read committed'),
  ('default_transaction_deferrable', 'off'),
  ('session_replication_role', 'origin'),
  ('row_security', 'off'),
  ('exit_on_error', 'off'),
  ('gin_fuzzy_search_limit', '0'),
  ('standard_conforming_strings', 'on'),
  ('quote_all_identifiers', 'off'),
  ('bytea_output', 'hex')
) AS s (name, value)
WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value;
