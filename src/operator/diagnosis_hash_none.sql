SELECT 'user ' || id || coalesce(' ' || left(email, 60), '') AS example, id AS ordinal
FROM _user WHERE hash_kind() = 'none';
