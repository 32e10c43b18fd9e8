DELETE FROM user_has_role h
USING _user u
WHERE h.user_id = u.id
  AND u.id = $1::integer
  AND u.customer_id = $2::integer
  AND h.role_id = ANY ($3::integer[]);
