-- The same for the collation of the database itself, whose version PostgreSQL records since 15.
SELECT 'collation-version',
  'the database''s ' || d.datcollversion || ', now ' || coalesce(v.now, 'unknown'),
  format('REINDEX DATABASE %I; ALTER DATABASE %I REFRESH COLLATION VERSION;', d.datname, d.datname)
FROM pg_database d
CROSS JOIN LATERAL pg_database_collation_actual_version(d.oid) AS v (now)
WHERE d.datname = current_database()
  AND d.datcollversion IS NOT NULL
  AND d.datcollversion IS DISTINCT FROM v.now;
