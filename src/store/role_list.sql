-- $1: whether to filter; $2: the roles that the caller may grant, or the others; $3: whether the caller may grant all; $4:
-- the code of the role that counts as not assignable, whatever its column says.
SELECT id, code, name, assignable
FROM role
WHERE (NOT $1::boolean OR ($3::boolean OR (assignable AND code IS DISTINCT FROM $4::text)) = $2::boolean)
  AND id >= $5::bigint
ORDER BY id LIMIT $6::bigint OFFSET $7::bigint;
