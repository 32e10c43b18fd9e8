-- A row where there is the table whose numbers diagnosis_counts.sql compares. What else is wrong with it is another
-- check's.
SELECT 1
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.oid = to_regclass('public.user_count') AND c.relkind = 'r' AND a.attname IN ('customer_id', 'block', 'users', 'active')
HAVING count(*) = 4;
