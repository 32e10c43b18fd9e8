SELECT 'user ' || id AS example, id AS ordinal FROM _user WHERE NOT (id BETWEEN 1 AND 2147483647)
UNION ALL
SELECT 'customer ' || id, id FROM customer WHERE NOT (id BETWEEN 1 AND 2147483647)
UNION ALL
SELECT 'role ' || id, id FROM role WHERE NOT (id BETWEEN 1 AND 2147483647)
UNION ALL
SELECT 'quota of customer ' || id, id FROM customer WHERE max_user_quota > 2147483647;
