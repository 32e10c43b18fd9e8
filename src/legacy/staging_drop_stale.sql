-- Schemas that killed imports have left; their names are made in staging.c.
DO $stale$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT nspname FROM pg_namespace
    WHERE nspname ~ '^user_api_import_[0-9a-f]{16}$' AND pg_has_role(nspowner, 'MEMBER')
  LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', item.nspname);
  END LOOP;
END
$stale$;
