SELECT id, coalesce(email, ''), hash, salt
FROM _user
WHERE id > $1::integer AND hash_kind() = 'original'
ORDER BY id LIMIT 1000;
