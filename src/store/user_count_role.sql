SELECT count(u.id)
FROM user_has_role h JOIN _user u ON u.id = h.user_id
WHERE h.role_id = (SELECT r.id FROM role r WHERE r.code = $3::text)
  AND u.customer_id = $1::integer AND ($2::boolean IS NULL OR u.active = $2::boolean);
