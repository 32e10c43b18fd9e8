SELECT tablename
FROM pg_tables
WHERE schemaname = 'public' AND tableowner = $1
  AND tablename IN ('customer', '_user', 'role', 'user_has_role', 'schema_spec')
ORDER BY tablename;
