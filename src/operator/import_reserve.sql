-- ALTER SEQUENCE, which changes nothing here, waits for transactions that took a value, and blocks those that request
-- one: otherwise an id could be given twice. A rollback undoes it, unlike setval alone.
DO $reserve$
DECLARE
  sequence text := pg_get_serial_sequence('public._user', 'id');
  given bigint;
  base bigint;
BEGIN
  EXECUTE format('ALTER SEQUENCE %s CACHE %s', sequence,
                 (SELECT seqcache FROM pg_sequence WHERE seqrelid = sequence::regclass));
  EXECUTE format('SELECT last_value - (NOT is_called)::integer FROM %s', sequence) INTO given;
  base := greatest(given, (SELECT max(id) FROM _user),
                   current_setting('user_api.import_highest')::bigint);
  IF base + current_setting('user_api.import_without')::bigint > 2147483647 THEN
    RAISE EXCEPTION 'there are not enough ids left' USING ERRCODE = 'UA001';
  END IF;
  PERFORM set_config('user_api.import_base', base::text, true);
END
$reserve$;
