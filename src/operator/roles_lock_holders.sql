-- In the order of ids, as everybody locks users. Counted, because nobody needs a million ids.
SELECT count(*)
FROM (
  SELECT id FROM _user
  WHERE id IN (SELECT user_id FROM user_has_role WHERE role_id = $1::integer)
  ORDER BY id FOR NO KEY UPDATE
) AS locked;
