SELECT count(u.id)
FROM user_has_role h JOIN _user u ON u.id = h.user_id
WHERE h.role_id = $2::integer AND u.customer_id = $1::integer;
