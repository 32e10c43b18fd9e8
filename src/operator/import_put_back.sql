-- The index for searches is built in memory, piece by piece.
SELECT set_config('maintenance_work_mem', '256MB', true)
WHERE (SELECT setting::integer < 262144 FROM pg_settings WHERE name = 'maintenance_work_mem');

DO $back$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT * FROM ua_import_made ORDER BY step, name LOOP
    EXECUTE made.put_back;
  END LOOP;
END
$back$;
