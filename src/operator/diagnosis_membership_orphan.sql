SELECT 'user ' || coalesce(user_id::text, 'NULL') || ' role ' || coalesce(role_id::text, 'NULL') AS example,
  coalesce(user_id, 0) AS ordinal
FROM user_has_role h
WHERE NOT EXISTS (SELECT 1 FROM _user u WHERE u.id = h.user_id)
  OR NOT EXISTS (SELECT 1 FROM role r WHERE r.id = h.role_id);
