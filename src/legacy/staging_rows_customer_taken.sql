SELECT 'customer ' || s.id AS example, s.id AS ordinal
FROM customer s JOIN public.customer p ON p.id = s.id
WHERE p.max_user_quota IS DISTINCT FROM s.max_user_quota;
