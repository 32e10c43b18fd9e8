-- pg_catalog, because the search path is still whatever the account or the database presets.
SELECT pg_catalog.set_config('statement_timeout', $1, false),
  pg_catalog.set_config('lock_timeout', $1, false),
  pg_catalog.set_config('idle_in_transaction_session_timeout', $2, false),
  pg_catalog.set_config('search_path', 'public', false);
