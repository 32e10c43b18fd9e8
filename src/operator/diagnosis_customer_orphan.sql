SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example, id AS ordinal
FROM _user
WHERE customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = _user.customer_id);
