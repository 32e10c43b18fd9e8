-- What the service relies on, whatever the server, the database or the account presets; $3: only until the transaction
-- ends. What is so already is left alone: an account may set session_replication_role to nothing else, and a server
-- before 14 or 17 does not know all. pg_catalog, because the search path is still the preset one.
--
-- row_security: a policy that would hide rows fails the statement, instead of making users disappear. Statements are
-- planned once, for all values: they are written for that, and compiling them takes longer than they do. Where there are
-- no statistics, the server would rather read or sort all users of a customer than follow an index that has them in order:
-- no table is read from its beginning to its end, and rows are taken to be in memory. A GIN index that searches fuzzily
-- leaves users out.
SELECT pg_catalog.pg_backend_pid(), pg_catalog.set_config(s.name, s.value, $3)
FROM (VALUES
  ('search_path', 'public'),
  ('statement_timeout', $1),
  ('lock_timeout', $1),
  ('idle_in_transaction_session_timeout', $2),
  ('idle_session_timeout', '0'),
  ('transaction_timeout', '0'),
  ('default_transaction_isolation', 'read committed'),
  ('default_transaction_deferrable', 'off'),
  ('session_replication_role', 'origin'),
  ('row_security', 'off'),
  ('exit_on_error', 'off'),
  ('plan_cache_mode', 'force_generic_plan'),
  ('jit', 'off'),
  ('enable_seqscan', 'off'),
  ('enable_bitmapscan', 'on'),
  ('enable_indexscan', 'on'),
  ('enable_indexonlyscan', 'on'),
  ('enable_nestloop', 'on'),
  ('enable_sort', 'on'),
  ('random_page_cost', '1'),
  ('gin_fuzzy_search_limit', '0'),
  ('client_encoding', 'UTF8')
) AS s (name, value)
WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value;
