-- In the order of ids, as all statements lock users. Counts them, so that not a million ids are sent.
SELECT count(*)
FROM (
  SELECT id FROM _user
  WHERE id IN (SELECT user_id FROM user_has_role WHERE role_id = $1::integer)
  ORDER BY id FOR NO KEY UPDATE
) AS locked;
