-- Collations that our indexes use, and whose version has changed since they were built; rows as in diagnosis_shape.sql.
SELECT 'collation-version', c.collname || ' ' || c.collversion || ', now ' || coalesce(v.now, 'unknown'),
  format(
    'REINDEX TABLE public._user; REINDEX TABLE public.role; ALTER COLLATION %I.%I REFRESH VERSION;',
    n.nspname, c.collname
  )
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL pg_collation_actual_version(c.oid) AS v (now)
WHERE c.collversion IS NOT NULL
  AND c.collversion IS DISTINCT FROM v.now
  AND EXISTS (
    SELECT 1 FROM pg_index i
    WHERE c.oid = ANY (i.indcollation::oid[])
      AND i.indrelid IN (to_regclass('public._user'), to_regclass('public.role'))
  );
