UPDATE _user
SET epoch = epoch + 1
WHERE id IN (SELECT user_id FROM user_has_role WHERE role_id = $1::integer);
