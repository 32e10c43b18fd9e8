-- One row if diagnosis_events.sql can run: the table, its sequence and its default partition exist, and the current
-- role may read them. Other checks find what else is wrong with them.
SELECT 1
FROM pg_class c
WHERE c.oid IN (to_regclass('public.event'), to_regclass('public.event_default'), to_regclass('public.event_id_seq'))
  AND has_table_privilege(c.oid, 'SELECT')
  AND (
    (c.relname = 'event' AND c.relkind = 'p')
    OR (c.relname = 'event_default' AND c.relkind = 'r'
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'at' AND NOT a.attisdropped)
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped))
    OR c.relkind = 'S'
  )
HAVING count(*) = 3;
