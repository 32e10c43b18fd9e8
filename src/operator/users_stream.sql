-- LIMIT comes before the join with roles: rows that are filtered out cost no join. The planner knows the values, and
-- uses the indexes of the service's own lists if that is cheaper.
SELECT u.id, u.customer_id, u.email, u.name, u.active,
  coalesce((
    SELECT json_agg(r.code ORDER BY r.id)
    FROM user_has_role h JOIN role r ON r.id = h.role_id
    WHERE h.user_id = u.id
  ), '[]'),
  coalesce((
    SELECT json_agg(json_build_object('code', r.code, 'id', r.id, 'name', r.name) ORDER BY r.id)
    FROM user_has_role h JOIN role r ON r.id = h.role_id
    WHERE h.user_id = u.id
  ), '[]')
FROM (
  SELECT id, customer_id, email, name, active
  FROM _user
  WHERE id > coalesce($6::integer, 0)
    AND ($1::integer IS NULL OR customer_id = $1::integer)
    AND ($2::text IS NULL OR searched(email) LIKE searched($2::text))
    AND ($3::text IS NULL OR searched(name) LIKE searched($3::text))
    AND ($4::text IS NULL OR EXISTS (
      SELECT 1 FROM user_has_role h JOIN role r ON r.id = h.role_id
      WHERE h.user_id = _user.id AND r.code = $4::text
    ))
    AND ($5::boolean IS NULL OR active = $5::boolean)
  ORDER BY id LIMIT $7::bigint
) AS u
ORDER BY u.id;
