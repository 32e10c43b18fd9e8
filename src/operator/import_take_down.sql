-- The expensive work while rows are inserted one by one: checks of foreign keys, and indexes that back no constraint.
CREATE TEMPORARY TABLE ua_import_made ON COMMIT DROP AS
SELECT 2 AS step, conname AS name,
  format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS take_down,
  format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS put_back
FROM pg_constraint
WHERE contype = 'f' AND conrelid IN ('public._user'::regclass, 'public.user_has_role'::regclass)
UNION ALL
SELECT 1, i.indexrelid::regclass::name,
  format('DROP INDEX %s', i.indexrelid::regclass),
  pg_get_indexdef(i.indexrelid)
FROM pg_index i
WHERE i.indrelid IN ('public._user'::regclass, 'public.user_has_role'::regclass)
  AND NOT i.indisreplident AND NOT i.indisclustered
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid);

DO $down$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT * FROM ua_import_made ORDER BY step DESC, name LOOP
    EXECUTE made.take_down;
  END LOOP;
END
$down$;
