-- Operators do not count: they manage the customer, but are not users of it.
SELECT 'customer ' || c.id || coalesce(' ' || left(c.name, 60), '') AS example, c.id AS ordinal
FROM customer c
WHERE EXISTS (SELECT 1 FROM _user u WHERE u.customer_id = c.id)
  AND NOT EXISTS (
    SELECT 1
    FROM _user u JOIN user_has_role h ON h.user_id = u.id JOIN role r ON r.id = h.role_id
    WHERE u.customer_id = c.id AND u.active AND r.code = 'admin'
  );
