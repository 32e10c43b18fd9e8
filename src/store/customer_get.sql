SELECT c.id, c.name, c.max_user_quota, (SELECT count(u.id) FROM _user u WHERE u.customer_id = c.id)
FROM customer c
WHERE c.id = $1::integer;
