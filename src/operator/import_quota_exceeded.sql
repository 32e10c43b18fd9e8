SELECT c.id, count(*), c.max_user_quota
FROM customer c JOIN _user u ON u.customer_id = c.id
WHERE c.max_user_quota IS NOT NULL AND c.id IN (SELECT customer_id FROM ua_operator_import)
GROUP BY c.id, c.max_user_quota
HAVING count(*) > c.max_user_quota
ORDER BY c.id LIMIT 1;
