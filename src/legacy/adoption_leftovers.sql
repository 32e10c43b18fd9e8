-- What adoption_finish.sql replaces: what stands for uniqueness of emails as they are written, a constraint or a bare
-- index, and serial ids. No row where there are no such tables.
SELECT i.indexrelid::regclass::text
FROM pg_index i
WHERE i.indrelid = to_regclass('public._user') AND i.indisunique AND i.indnatts = 1
  AND i.indkey[0] = (
    SELECT attnum FROM pg_attribute WHERE attrelid = to_regclass('public._user') AND attname = 'email'
  )
UNION ALL
SELECT c.relname::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attname = 'id' AND a.attidentity = '' AND a.atthasdef
  AND c.oid = ANY (ARRAY[
    to_regclass('public.customer'), to_regclass('public._user'),
    to_regclass('public.role'), to_regclass('public.schema_spec')
  ]::oid[])
LIMIT 1;
