-- Triggers end the tokens of those who held it; a row says that there are none to do so.
WITH taken AS (DELETE FROM user_has_role WHERE role_id = $1::integer RETURNING user_id)
SELECT 1 WHERE EXISTS (SELECT 1 FROM taken) AND NOT armed();
