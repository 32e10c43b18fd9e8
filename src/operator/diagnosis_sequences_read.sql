-- The next id of each sequence behind an id, for diagnosis_sequences.sql: only a separate query can read it, and only
-- of sequences that the current role may read.
DO $read$
DECLARE
  item record;
  next bigint;
  given jsonb := '{}';
BEGIN
  FOR item IN
    SELECT relation, pg_get_serial_sequence('public.' || relation, 'id')::regclass AS sequence
    FROM unnest(ARRAY['customer', '_user', 'role', 'schema_spec']) AS r (relation)
    WHERE to_regclass('public.' || relation) IS NOT NULL
  LOOP
    IF item.sequence IS NOT NULL AND has_sequence_privilege(item.sequence, 'SELECT') THEN
      EXECUTE format(
        'SELECT s.last_value + CASE WHEN s.is_called THEN q.seqincrement ELSE 0 END
         FROM %s s, pg_sequence q WHERE q.seqrelid = %L::regclass',
        item.sequence, item.sequence
      ) INTO next;
      given := given || jsonb_build_object(item.relation, next);
    END IF;
  END LOOP;
  PERFORM set_config('user_api.next_ids', given::text, false);
END
$read$;
