SELECT 'customer ' || c.id || ' ' || count(*) || ' of ' || c.max_user_quota AS example, c.id AS ordinal
FROM customer c JOIN _user u ON u.customer_id = c.id
GROUP BY c.id, c.max_user_quota
HAVING count(*) > c.max_user_quota;
