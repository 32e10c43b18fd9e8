SELECT id, coalesce(email, ''), hash, salt
FROM _user
WHERE id > $1::integer AND hash ~ '^[0-9a-fA-F]{32}$' AND salt ~ '^[0-9a-fA-F]{64}$'
ORDER BY id LIMIT 1000;
