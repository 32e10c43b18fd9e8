-- Which users a list keeps; user_kept() in a .sql file stands for this. NULL means no filter. This does not use EXISTS,
-- which the server may evaluate with a list of the role's holders of all customers.
($2::boolean IS NULL OR u.active = $2::boolean)
AND (
  $3::text IS NULL
  OR (
    SELECT h.user_id FROM user_has_role h
    WHERE h.user_id = u.id AND h.role_id = (SELECT r.id FROM role r WHERE r.code = $3::text)
  ) IS NOT NULL
)
