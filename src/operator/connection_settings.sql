-- An ACCESS EXCLUSIVE lock that is waited for stops every reader behind it: better to fail and try again.
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET search_path = public;
SET client_min_messages = error;
-- Whatever the server, the database or the role presets. What is so already is left alone: only a superuser may set
-- session_replication_role, and a server before 14 or 17 does not know all. row_security: a policy that would hide rows
-- fails the statement, instead of exporting or counting some of them. gin_fuzzy_search_limit: a search finds everybody.
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
