-- RESTART gives the sequence new storage, and setval works on that: a rollback undoes both.
DO $sequence$
DECLARE
  sequence text := pg_get_serial_sequence('public._user', 'id');
  last bigint;
BEGIN
  last := greatest(current_setting('user_api.import_base')::bigint, (SELECT max(id) FROM _user));
  IF last > 0 THEN
    EXECUTE format('ALTER SEQUENCE %s RESTART', sequence);
    PERFORM setval(sequence::regclass, last);
  END IF;
END
$sequence$;
