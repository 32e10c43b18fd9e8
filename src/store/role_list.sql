SELECT id, code, name FROM role ORDER BY id LIMIT $1::bigint OFFSET $2::bigint;
