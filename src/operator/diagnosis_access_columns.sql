-- Whether the columns exist that the queries about access read: older and damaged schemas lack them.
SELECT 1
FROM information_schema.columns
WHERE table_schema = 'public' AND (table_name, column_name, data_type) IN (
  ('customer', 'name', 'character varying'), ('customer', 'name', 'text'), ('role', 'assignable', 'boolean')
)
HAVING count(*) = 2;
