-- The name of the layout that schema $1 has.
SELECT CASE
    WHEN orm > 0 AND bench > 0 THEN 'both'
    WHEN orm = 4 THEN 'create_all'
    WHEN bench = 3 THEN 'workbench'
    WHEN bench = 1 AND users = 1 THEN 'users_only'
    ELSE 'unknown'
  END
FROM (
  SELECT count(*) FILTER (WHERE tablename IN ('customer', '_user', 'role', 'user_has_role')) AS orm,
    count(*) FILTER (WHERE tablename IN ('user', 'group', 'user_in_group')) AS bench,
    count(*) FILTER (WHERE tablename = 'user') AS users
  FROM pg_tables WHERE schemaname = $1
) AS t;
