-- Settings that the service relies on, whatever the defaults of the server, the database or the account; $3: only until the
-- transaction ends. A setting that has its value already is not set: the account may not have the right to set
-- session_replication_role, and servers before 14 or 17 do not know all settings. Names start with pg_catalog, because the
-- search path still has its default.
--
-- row_security: if a policy would hide rows, the statement fails, so users do not silently disappear. plan_cache_mode:
-- statements are written to be planned once for all values. jit: compiling a statement takes longer than running it.
-- enable_seqscan, and random_page_cost for rows in memory: without statistics, the server would read or sort all users of a
-- customer instead of following an index that has them in order. gin_fuzzy_search_limit: a fuzzy search would leave users
-- out.
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
