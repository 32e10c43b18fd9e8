SELECT count(user_id) FROM user_has_role WHERE role_id = $1::integer;
