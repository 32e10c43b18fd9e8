-- One row if the table exists whose numbers diagnosis_counts.sql compares. Other checks find what else is wrong with
-- it.
SELECT 1
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.oid = to_regclass('public.user_count') AND c.relkind = 'r' AND a.attname IN ('customer_id', 'block', 'users', 'active')
HAVING count(*) = 4;
