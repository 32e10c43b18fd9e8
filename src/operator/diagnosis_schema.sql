-- How many of the original's tables there are, and whether there is a ledger of migrations.
SELECT count(*) FILTER (WHERE tablename <> 'schema_migrations'),
  count(*) FILTER (WHERE tablename = 'schema_migrations') > 0
FROM pg_tables
WHERE schemaname = 'public'
  AND tablename IN ('customer', '_user', 'role', 'user_has_role', 'schema_spec', 'schema_migrations');
