-- Triggers end the tokens of the users who had the role; a row means that these triggers are missing.
WITH taken AS (DELETE FROM user_has_role WHERE role_id = $1::integer RETURNING user_id)
SELECT 1 WHERE EXISTS (SELECT 1 FROM taken) AND NOT armed();
