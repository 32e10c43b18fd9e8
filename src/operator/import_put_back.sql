DO $back$
DECLARE
  made record;
BEGIN
  FOR made IN SELECT * FROM ua_import_made ORDER BY step, name LOOP
    EXECUTE made.put_back;
  END LOOP;
END
$back$;
